use std::time::Instant;

use ckn::burn::{available_devices, self_test};
use clap::Args;

use super::given::effects;
use crate::exit;
use crate::output::write_results;

/// List the devices and check that each computes correctly
#[derive(Debug, Args)]
#[command(
    after_help = "Prints a table: device, name, status (ok or failed), seconds, and the largest relative errors of a \
small layer and of its gradient.\nExit code 4 if a device failed.\n\nExample:\n  ckn doctor"
)]
pub struct Doctor {}

effects!(for Doctor: );

impl Doctor {
    pub fn run(self) -> anyhow::Result<u8> {
        let mut failed = false;
        write_results(None, false, |out| {
            writeln!(out, "device\tname\tstatus\tseconds\tdetail")?;
            for device in available_devices() {
                let start = Instant::now();
                let (status, detail) = match self_test(&device.device) {
                    Ok(test) => {
                        let detail = format!("value {:.1e}, gradient {:.1e}", test.value_error, test.gradient_error);
                        (if test.passed() { "ok" } else { "failed" }, detail)
                    }
                    Err(error) => ("failed", error.to_string().replace(['\t', '\n'], " ")),
                };
                failed |= status == "failed";
                let seconds = start.elapsed().as_secs_f64();
                writeln!(out, "{}\t{}\t{status}\t{seconds:.2}\t{detail}", device.choice, device.description)?;
            }
            Ok(())
        })?;
        Ok(if failed { exit::DEVICE } else { exit::DONE })
    }
}
