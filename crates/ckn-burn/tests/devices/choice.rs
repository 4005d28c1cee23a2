//! Choosing a device, and testing it.

use ckn_burn::{DeviceChoice, available_devices, self_test};

use crate::support::devices;

#[test]
fn names_of_devices_are_parsed_and_others_refused_with_the_choices() {
    let parse = |text: &str| text.parse::<DeviceChoice>();
    assert_eq!(parse("auto").unwrap(), DeviceChoice::Auto);
    assert_eq!(parse("wgpu").unwrap(), DeviceChoice::Gpu(0));
    assert_eq!(parse("gpu:3").unwrap(), DeviceChoice::Gpu(3));
    for wrong in ["", "tpu", "gpu:", "gpu:-1", "GPU:x"] {
        let error = parse(wrong).unwrap_err().to_string();
        assert!(error.contains("choose one of auto, "), "{error}");
    }
    assert!(DeviceChoice::Gpu(99).open().unwrap_err().to_string().contains("`gpu:99`"));
    for available in available_devices() {
        assert_eq!(parse(&available.choice.to_string()).unwrap(), available.choice);
        assert!(available.choice.open().is_ok() && !available.description.is_empty());
    }
    assert!(DeviceChoice::Auto.open().is_ok() && DeviceChoice::Cpu.open().is_ok());
}

#[test]
fn every_device_passes_its_self_test() {
    for test in devices() {
        let report = self_test(&test.device).unwrap();
        assert!(report.passed(), "{}: {report:?}", test.name);
        assert!(report.gradient_error > 0.0, "a comparison with itself would be exact");
    }
}

#[test]
fn the_version_of_burn_is_the_pinned_one() {
    let workspace = include_str!("../../../../Cargo.toml");
    assert!(workspace.contains(&format!("burn = {{ version = \"={}\"", ckn_burn::BURN_VERSION)));
}
