//! A copy of the VCF with the numbers of its variants.

use std::path::Path;

use ckn::bio::io::{InfoField, annotate_vcf, open};

use super::{Row, Variants};
use crate::exit::Usage;
use crate::output::check_apart;

impl Variants {
    /// Checks, before any work, that the copy can be written.
    pub(super) fn check_annotation<'a>(&'a self, read: impl IntoIterator<Item = &'a Path>) -> anyhow::Result<()> {
        let Some(copy) = &self.annotate else { return Ok(()) };
        if self.vcf.is_none() {
            return Err(Usage("--annotate copies the VCF of --vcf: give the variants so".to_owned()).into());
        }
        if self.vcf.as_deref() == Some(Path::new("-")) {
            let message =
                "--annotate reads the VCF a second time, and standard input can be read only once: give a file";
            return Err(Usage(message.to_owned()).into());
        }
        if copy.extension().is_some_and(|ending| ending == "gz") {
            let message = "--annotate writes plain text: give a name that ends in .vcf, and compress it with bgzip";
            return Err(Usage(message.to_owned()).into());
        }
        self.table.prepare_beside(copy)?;
        check_apart(copy, read.into_iter().chain(self.table.out()))
    }

    /// Writes the copy, if one was asked for.
    pub(super) fn annotate(
        &self,
        vcf: &Path,
        variants: &ckn::bio::io::Variants,
        rows: &[Option<Row>],
    ) -> anyhow::Result<()> {
        let Some(copy) = &self.annotate else { return Ok(()) };
        let field = |id, description: &str, value: &dyn Fn(&Row) -> Option<f64>| InfoField {
            id,
            description: description.to_owned(),
            values: rows.iter().map(|row| row.as_ref().and_then(value)).collect(),
        };
        let fields = [
            field("CKN_DIFFERENCE", "Score with the alternative allele less that with the reference", &|row| {
                Some(row.change.difference())
            }),
            field("CKN_EFFECT", "Difference as the probability sees it: ln(1 + e^after) - ln(1 + e^before)", &|row| {
                Some(row.effect)
            }),
            field("CKN_P", "Share of random substitutions whose difference is at least as large", &|row| row.p_value),
        ];
        self.table.write_beside(copy, |out| Ok(annotate_vcf(open(vcf)?, variants, &fields, out)?))
    }
}
