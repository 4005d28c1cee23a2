use clap::Args;

use super::given::effects;
use crate::exit;
use crate::output::write_results;
use crate::tensors::Device;

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
        let devices = Device::examine_all()?;
        let mut failed = false;
        write_results(None, false, |out| {
            writeln!(out, "device\tname\tstatus\tseconds\tdetail")?;
            for device in devices {
                failed |= !device.passed;
                let status = if device.passed { "ok" } else { "failed" };
                let (choice, name, seconds, detail) =
                    (device.choice, device.description, device.seconds, device.detail);
                writeln!(out, "{choice}\t{name}\t{status}\t{seconds:.2}\t{detail}")?;
            }
            Ok(())
        })?;
        Ok(if failed { exit::DEVICE } else { exit::DONE })
    }
}
