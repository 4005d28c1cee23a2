//! Feature maps: their shape, and sets of them.

use crate::Error;
use crate::error::check_length;

/// Size of a map, row-major `[height, width, channels]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MapShape {
    /// Rows.
    pub height: usize,
    /// Positions of a row.
    pub width: usize,
    /// Numbers of a position.
    pub channels: usize,
}

impl MapShape {
    /// Positions of a map.
    pub fn positions(&self) -> usize {
        self.height * self.width
    }

    /// Numbers of a map.
    pub fn size(&self) -> usize {
        self.positions() * self.channels
    }
}

/// Maps of one shape that can be written one at a time: images, or what was made of them.
pub trait Maps: Sync {
    /// Shape of every map.
    fn shape(&self) -> MapShape;

    /// Number of maps.
    fn len(&self) -> usize;

    /// Whether there is no map.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Writes one map.
    ///
    /// # Shapes
    /// map `[height, width, channels]`, overwritten.
    fn write_map(&self, index: usize, map: &mut [f32]);
}

/// Maps that are kept in memory.
#[derive(Debug, Clone, PartialEq)]
pub struct MapSet {
    shape: MapShape,
    values: Vec<f32>,
}

impl MapSet {
    /// Takes maps, one after the other.
    ///
    /// # Shapes
    /// values `[maps, height, width, channels]`.
    ///
    /// # Errors
    /// [`Error::Shape`] if the values are not a whole number of maps; [`Error::Empty`] for maps without positions or channels.
    pub fn new(shape: MapShape, values: Vec<f32>) -> Result<Self, Error> {
        if shape.size() == 0 {
            return Err(Error::Empty { what: "a map" });
        }
        check_length("maps", values.len() / shape.size() * shape.size(), values.len())?;
        Ok(Self { shape, values })
    }
}

impl Maps for MapSet {
    fn shape(&self) -> MapShape {
        self.shape
    }

    fn len(&self) -> usize {
        self.values.len() / self.shape.size()
    }

    fn write_map(&self, index: usize, map: &mut [f32]) {
        map.copy_from_slice(&self.values[index * self.shape.size()..][..self.shape.size()]);
    }
}
