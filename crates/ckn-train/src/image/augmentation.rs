use ckn_core::image::{MapShape, Maps};
use ckn_core::seed::Random;
use rand::RngExt;
use serde::{Deserialize, Serialize};

/// Random changes of the images of a pass; none by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Augmentation {
    /// Shift by at most so many pixels along both axes; what comes in is zero.
    pub shift: usize,
    /// Mirror left and right, every second image.
    pub flip: bool,
}

impl Augmentation {
    /// Whether images stay as they are.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// Writes a changed map.
    ///
    /// # Shapes
    /// map and scratch: one map each; the map is overwritten.
    pub(super) fn write(
        &self,
        maps: &impl Maps,
        index: usize,
        random: &mut Random,
        scratch: &mut [f32],
        map: &mut [f32],
    ) {
        maps.write_map(index, scratch);
        let MapShape { height, width, channels } = maps.shape();
        let reach = self.shift as i64;
        let (down, right) = (random.random_range(-reach..=reach), random.random_range(-reach..=reach));
        let mirrored = self.flip && random.random_bool(0.5);
        map.fill(0.0);
        for y in 0..height {
            let Some(from_y) = y.checked_add_signed(-down as isize).filter(|&y| y < height) else { continue };
            for x in 0..width {
                let Some(from_x) = x.checked_add_signed(-right as isize).filter(|&x| x < width) else { continue };
                let from_x = if mirrored { width - 1 - from_x } else { from_x };
                let (from, to) = ((from_y * width + from_x) * channels, (y * width + x) * channels);
                map[to..to + channels].copy_from_slice(&scratch[from..from + channels]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ckn_core::image::MapSet;
    use ckn_core::seed::Seed;

    #[test]
    fn shifts_and_mirrors_keep_what_stays_inside() {
        let shape = MapShape { height: 3, width: 3, channels: 1 };
        let maps = MapSet::new(shape, vec![0.0, 0.0, 0.0, 0.0, 5.0, 7.0, 0.0, 0.0, 0.0]).unwrap();
        let (mut scratch, mut map) = ([0.0; 9], [0.0; 9]);
        let mut random = Seed(0).stream("augmentation");
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..300 {
            Augmentation { shift: 1, flip: true }.write(&maps, 0, &mut random, &mut scratch, &mut map);
            let at = map.iter().position(|&value| value == 5.0).unwrap();
            // The 7 stands right of the 5, or left of it in a mirrored image, unless it was moved out.
            let right = at % 3 < 2 && map[at + 1] == 7.0;
            let left = at % 3 > 0 && map[at - 1] == 7.0;
            assert!(right ^ left || at % 3 != 1);
            seen.insert((at, right));
        }
        // Nine places of two images, which look alike at the three where the 7 was moved out of the first to the right.
        assert_eq!(seen.len(), 15);
        Augmentation::default().write(&maps, 0, &mut random, &mut scratch, &mut map);
        assert_eq!(map, scratch);
    }
}
