//! Records of channel planes, such as those of CIFAR and STL-10, turned into images with channels last.

/// How a record of bytes lies in its file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Record {
    /// Bytes of labels before the pixels.
    pub(crate) labels: usize,
    /// Rows and columns of the image.
    pub(crate) side: usize,
    /// Whether a plane is stored column by column.
    pub(crate) column_major: bool,
}

pub(crate) const CHANNELS: usize = 3;

impl Record {
    /// Bytes of one record.
    pub(crate) const fn len(self) -> usize {
        self.labels + CHANNELS * self.side * self.side
    }

    /// Rearranges all records in place, so that no second copy of the data is needed; labels are handed to `label`.
    ///
    /// # Shapes
    /// before: `[records, labels + (channels, height, width)]`; after: `[records, height, width, channels]`.
    pub(crate) fn rearrange<E>(
        self,
        bytes: &mut Vec<u8>,
        mut label: impl FnMut(usize, &[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let (side, plane) = (self.side, self.side * self.side);
        let mut record = vec![0; self.len()];
        let count = bytes.len() / self.len();
        for index in 0..count {
            record.copy_from_slice(&bytes[index * self.len()..(index + 1) * self.len()]);
            let (labels, planes) = record.split_at(self.labels);
            label(index, labels)?;
            let image = &mut bytes[index * CHANNELS * plane..(index + 1) * CHANNELS * plane];
            for (place, pixel) in image.chunks_exact_mut(CHANNELS).enumerate() {
                let from = if self.column_major { place % side * side + place / side } else { place };
                for (channel, value) in pixel.iter_mut().enumerate() {
                    *value = planes[channel * plane + from];
                }
            }
        }
        bytes.truncate(count * CHANNELS * plane);
        Ok(())
    }
}
