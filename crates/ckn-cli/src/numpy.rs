//! Arrays in NumPy's formats.

use std::io::{Cursor, Write};

use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, ZipWriter};

/// The header of a NumPy file of version 1.0, of an array of `f32` in the order of C: 64 bytes or a multiple of them, so that
/// numbers are aligned.
pub fn npy_header(shape: &[usize]) -> Vec<u8> {
    let sizes: Vec<String> = shape.iter().map(usize::to_string).collect();
    let comma = if shape.len() == 1 { "," } else { "" };
    let shape = sizes.join(", ");
    let description = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({shape}{comma}), }}");
    let length = (10 + description.len() + 1).next_multiple_of(64) - 10;
    let mut header = b"\x93NUMPY\x01\x00".to_vec();
    header.extend((length as u16).to_le_bytes());
    header.extend(format!("{description:<width$}\n", width = length - 1).bytes());
    header
}

/// Writes an archive of one array, which NumPy loads as `arr_0`; the same bytes for the same numbers.
pub fn write_npz(shape: &[usize], values: &[f32], out: &mut dyn Write) -> anyhow::Result<()> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(zip::DateTime::default())
        .large_file(values.len() > 1 << 29);
    archive.start_file("arr_0.npy", options)?;
    archive.write_all(&npy_header(shape))?;
    for block in values.chunks(1 << 14) {
        let bytes: Vec<u8> = block.iter().flat_map(|value| value.to_le_bytes()).collect();
        archive.write_all(&bytes)?;
    }
    out.write_all(archive.finish()?.get_ref())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_header_is_that_of_numpy() {
        let header = super::npy_header(&[10_000, 800]);
        assert_eq!(header.len() % 64, 0);
        assert_eq!(&header[..10], b"\x93NUMPY\x01\x00\x76\x00");
        assert!(header.ends_with(b" \n"));
        assert!(String::from_utf8_lossy(&super::npy_header(&[7])).contains("'shape': (7,), "));
    }
}
