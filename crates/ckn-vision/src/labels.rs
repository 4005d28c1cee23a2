//! Labels of images, and images with labels.

use crate::error::Error;
use crate::images::Images;

/// The class of each image, and the names of the classes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labels {
    values: Vec<u32>,
    classes: Vec<String>,
}

/// Images and the class of each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelledImages {
    images: Images,
    labels: Labels,
}

impl Labels {
    /// Labels from class numbers, counted from 0, and the names of the classes.
    ///
    /// # Shapes
    /// values `[images]`, each below the length of classes.
    ///
    /// # Errors
    /// [`Error::LabelBeyondClasses`], [`Error::DuplicateClass`].
    pub fn new(values: Vec<u32>, classes: Vec<String>) -> Result<Self, Error> {
        let mut sorted: Vec<&String> = classes.iter().collect();
        sorted.sort_unstable();
        if let Some(pair) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(Error::DuplicateClass(head(pair[0])));
        }
        if let Some(index) = values.iter().position(|&value| value as usize >= classes.len()) {
            return Err(Error::LabelBeyondClasses { got: values[index], index, classes: classes.len() });
        }
        Ok(Self { values, classes })
    }

    /// Labels that are numbers already: their classes are `0`, `1`, … up to the highest of them.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let count = bytes.iter().max().map_or(0, |&highest| u32::from(highest) + 1);
        let classes = (0..count).map(|class| class.to_string()).collect();
        Self { values: bytes.iter().map(|&byte| u32::from(byte)).collect(), classes }
    }

    /// Number of labels.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The class of each image, counted from 0, `[images]`.
    pub fn values(&self) -> &[u32] {
        &self.values
    }

    /// Names of the classes.
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// The same labels, numbered as in another list of classes, such as that of the training images.
    ///
    /// # Errors
    /// [`Error::UnknownClass`] if an image has a class that is not in the list; [`Error::DuplicateClass`].
    pub fn renumbered(&self, classes: &[String]) -> Result<Self, Error> {
        let numbers: Vec<Option<usize>> =
            self.classes.iter().map(|class| classes.iter().position(|other| other == class)).collect();
        let number = |&value: &u32| {
            let unknown = || Error::UnknownClass(head(&self.classes[value as usize]));
            numbers[value as usize].and_then(|number| u32::try_from(number).ok()).ok_or_else(unknown)
        };
        Self::new(self.values.iter().map(number).collect::<Result<_, _>>()?, classes.to_vec())
    }

    pub(crate) fn append(&mut self, other: &Self) {
        self.values.extend_from_slice(&other.values);
    }
}

impl LabelledImages {
    /// Images with one label each.
    ///
    /// # Errors
    /// [`Error::LabelCount`] if there is not one label for each image.
    pub fn new(images: Images, labels: Labels) -> Result<Self, Error> {
        if images.len() != labels.len() {
            return Err(Error::LabelCount { images: images.len(), labels: labels.len() });
        }
        Ok(Self { images, labels })
    }

    /// The images.
    pub fn images(&self) -> &Images {
        &self.images
    }

    /// The class of each image, counted from 0, `[images]`.
    pub fn labels(&self) -> &[u32] {
        self.labels.values()
    }

    /// Names of the classes.
    pub fn classes(&self) -> &[String] {
        self.labels.classes()
    }

    /// Number of images.
    pub fn len(&self) -> usize {
        self.images.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.images.is_empty()
    }

    /// Images and labels, each for itself.
    pub fn into_parts(self) -> (Images, Labels) {
        (self.images, self.labels)
    }

    /// The images of some indices, in their order, with all classes.
    ///
    /// # Errors
    /// [`Error::NoSuchImage`].
    pub fn select(&self, indices: &[usize]) -> Result<Self, Error> {
        let images = self.images.select(indices)?;
        let values = indices.iter().map(|&index| self.labels.values[index]).collect();
        Ok(Self { images, labels: Labels { values, classes: self.labels.classes.clone() } })
    }

    /// The first `count` images, or all if there are fewer, with all classes.
    pub fn take(&self, count: usize) -> Self {
        let values = self.labels.values[..count.min(self.len())].to_vec();
        Self { images: self.images.take(count), labels: Labels { values, classes: self.labels.classes.clone() } }
    }

    /// The same images, their labels numbered as in another list of classes, such as that of the training images.
    ///
    /// # Errors
    /// As [`Labels::renumbered`].
    pub fn renumbered(self, classes: &[String]) -> Result<Self, Error> {
        Ok(Self { labels: self.labels.renumbered(classes)?, images: self.images })
    }

    /// Appends images of the same size and the same classes.
    pub(crate) fn append(&mut self, other: Self) -> Result<(), Error> {
        self.images.append(other.images)?;
        self.labels.append(&other.labels);
        Ok(())
    }
}

/// The beginning of a name or a line, short enough for a message.
pub(crate) fn head(text: &str) -> String {
    text.chars().take(200).collect()
}
