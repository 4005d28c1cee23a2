//! The JSON Schemas in `docs/schemas/` are those of the types that are written.

use std::path::Path;

use ckn::core::network::NetworkConfig;
use ckn::model::image::{ImageCard, ImageConfig};
use ckn::model::{DeepBindConfig, EnsembleConfig, HeadlessCard, KernelMachineConfig, ModelCard};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};

use super::image::record::ImageRecord;
use super::scan::record::ScanRecord;
use super::scan::sites::SitesRecord;
use super::sweep::outcome::Outcome;
use crate::description::DescribedFile;
use crate::run_record::RunRecord;

/// Set, the test writes the schemas in place of comparing them.
const WRITE: &str = "CKN_WRITE_SCHEMAS";

/// What the metadata of a model's file hold: its only kind by a field of its own, and its card.
#[derive(JsonSchema)]
#[schemars(untagged, deny_unknown_fields)]
#[expect(dead_code, reason = "a schema is made of the type, and never a value")]
enum ModelFile {
    Network { format: u32, network: NetworkConfig, card: ModelCard },
    Headless { format: u32, headless: NetworkConfig, card: HeadlessCard },
    Baseline { format: u32, deepbind: DeepBindConfig, card: ModelCard },
    Machine { format: u32, machine: KernelMachineConfig, card: ModelCard },
    Ensemble { format: u32, ensemble: EnsembleConfig, card: ModelCard },
    Image { format: u32, image: ImageConfig, card: ImageCard },
}

fn of<T: JsonSchema>(name: &str, title: &str) -> (String, Schema) {
    let mut schema = SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<T>();
    schema.insert("$id".to_owned(), format!("https://github.com/ckn-rs/ckn/blob/main/docs/schemas/{name}.json").into());
    schema.insert("title".to_owned(), title.into());
    (format!("{name}.json"), schema)
}

#[test]
fn the_kept_schemas_are_those_of_the_types() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schemas");
    let schemas = [
        of::<RunRecord<'static>>("run", "MODEL.run.json of a training on sequences"),
        of::<ImageRecord<'static>>("image-run", "MODEL.run.json of a training on images"),
        of::<ModelFile>("model", "The metadata `ckn` of a model's file"),
        of::<DescribedFile>("info", "What ckn info --json writes"),
        of::<Outcome>("row", "NAME.row.json of a sweep"),
        of::<ScanRecord>("scan-run", "HITS.run.json of a scan by a model, and of ckn join"),
        of::<SitesRecord<'static>>("motif-scan-run", "HITS.run.json of a scan by motifs"),
    ];
    for (name, schema) in &schemas {
        let (path, text) = (folder.join(name), format!("{:#}\n", schema.as_value()));
        if std::env::var_os(WRITE).is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            kept == text,
            "docs/schemas/{name} is another: {WRITE}=1 cargo test -p ckn-cli --lib schemas writes it"
        );
    }
    let mut kept: Vec<_> = folder.read_dir().unwrap().map(|file| file.unwrap().file_name()).collect();
    let mut made: Vec<_> = schemas.iter().map(|(name, _)| name.as_str()).collect();
    kept.sort();
    made.sort_unstable();
    assert_eq!(kept, made, "docs/schemas holds a file that nothing makes");
}
