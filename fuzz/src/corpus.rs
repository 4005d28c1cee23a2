//! The corpus of each target: files of `fuzz/corpus/TARGET`, and what is easier made than kept.

use std::fs;
use std::io::Write;
use std::path::Path;

use ckn::core::seed::Seed;

use crate::mutate::noise;
use crate::targets::Target;

/// Files to start from.
pub(crate) fn seeds_of(target: &Target) -> anyhow::Result<Vec<Vec<u8>>> {
    let mut seeds = (target.made)()?;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target.name);
    if let Ok(entries) = fs::read_dir(folder) {
        let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
        paths.sort();
        for path in paths {
            seeds.push(fs::read(path)?);
        }
    }
    Ok(seeds)
}

/// Compressed with gzip.
pub(crate) fn gzip(text: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text)?;
    Ok(encoder.finish()?)
}

/// A file of IDX, of bytes.
pub(crate) fn idx(sizes: &[u32]) -> Vec<u8> {
    let mut bytes = vec![0, 0, 8, sizes.len() as u8];
    sizes.iter().for_each(|size| bytes.extend(size.to_be_bytes()));
    let count = sizes.iter().product::<u32>() as usize;
    bytes.extend(noise(count, &mut Seed(0).stream("idx")).iter().map(|byte| byte % 10));
    bytes
}

/// A 2bit file of two records.
pub(crate) fn two_bit() -> Vec<u8> {
    let mut bytes = [0x1a41_2743u32, 0, 2, 0].map(u32::to_le_bytes).concat();
    let index = [("chr1", 42u32), ("chr2", 42 + 16 + 8 + 16)];
    for (name, place) in index {
        bytes.push(4);
        bytes.extend(name.bytes());
        bytes.extend(place.to_le_bytes());
    }
    bytes.resize(42, 0);
    // Letters, one run of N, its start and length, no lower case, a reserved number, then four letters a byte.
    bytes.extend([64u32, 1, 8, 4, 0, 0].map(u32::to_le_bytes).concat());
    bytes.extend([0x1b; 16]);
    bytes.extend([40u32, 0, 0, 0].map(u32::to_le_bytes).concat());
    bytes.extend([0xe4; 10]);
    bytes
}
