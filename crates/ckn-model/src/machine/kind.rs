//! What a file holds of a kernel machine.

use safetensors::Dtype;

use super::{KernelMachine, KernelMachineConfig};
use crate::file::{Contents, Expected, Key, Kind, Refusal, Values};
use crate::{Error, ModelCard};

const TOKENS: &str = "support.tokens";
const LENGTHS: &str = "support.lengths";
const COEFFICIENTS: &str = "coefficients";
const INTERCEPT: &str = "intercept";

impl Kind for KernelMachine {
    type Config = KernelMachineConfig;
    type Card = ModelCard;
    const KEY: Key = Key::Machine;

    fn parts(&self) -> Result<(KernelMachineConfig, Vec<Values<'_>>), Error> {
        let too_long = |_| Error::Unsavable { reason: "a support sequence is too long".to_owned() };
        let lengths = self.offsets.windows(2).map(|pair| u32::try_from(pair[1] - pair[0]).map_err(too_long));
        let lengths: Vec<u32> = lengths.collect::<Result<_, _>>()?;
        let values = vec![
            Values::Bytes((&self.tokens).into()),
            Values::Words(lengths.into()),
            Values::Double((&self.coefficients).into()),
            Values::Double((&self.intercepts).into()),
        ];
        Ok((self.config.clone(), values))
    }

    fn expected(config: &KernelMachineConfig, card: &ModelCard) -> Result<Vec<Expected>, Refusal> {
        let config = config.clone().check()?;
        card.check_file(config.letters)?;
        let mut shape = vec![config.kernels.len(), config.support];
        if config.outputs > 1 {
            shape.insert(0, config.outputs);
        }
        Ok(vec![
            Expected::new(TOKENS, Dtype::U8, vec![config.support_letters]),
            Expected::new(LENGTHS, Dtype::U32, vec![config.support]),
            Expected::new(COEFFICIENTS, Dtype::F64, shape),
            Expected::new(INTERCEPT, Dtype::F64, vec![config.outputs]),
        ])
    }

    fn from_parts(config: KernelMachineConfig, mut contents: Contents, _: &ModelCard) -> Result<Self, Refusal> {
        let lengths = contents.words(LENGTHS).into_iter().map(|length| length as usize);
        let (tokens, coefficients) = (contents.bytes(TOKENS), contents.double(COEFFICIENTS));
        Ok(Self::with_support(config, tokens, lengths, coefficients, contents.double(INTERCEPT))?)
    }
}
