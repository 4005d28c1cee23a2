//! The errors of the crate: what is wrong, in which file, and what to do about it.

mod folder;

use std::io;
use std::sync::Arc;

use thiserror::Error as ThisError;

pub use self::folder::FolderProblem;

/// What can go wrong with images: each variant is something its user can change.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum Error {
    /// A file or a folder cannot be opened.
    #[error("cannot open `{}`: {cause}: check its name and its permissions", file.escape_debug())]
    Open {
        /// The file.
        file: Arc<str>,
        /// What the system says.
        cause: io::Error,
    },
    /// A folder or a device was given in place of a file.
    #[error("`{}` is no regular file: give a file", .0.escape_debug())]
    NotAFile(Arc<str>),
    /// A file holds nothing.
    #[error("`{}` is empty: check how it was made", .0.escape_debug())]
    EmptyFile(Arc<str>),
    /// Reading stopped half-way.
    #[error("cannot read on in `{}`: {cause}: check the disk or the connection", file.escape_debug())]
    Read {
        /// The file.
        file: Arc<str>,
        /// What the system says.
        cause: io::Error,
    },
    /// Compressed data end too early, are damaged, or are followed by something else.
    #[error(
        "cannot decompress `{}`: {cause}: the gz file is truncated, damaged or followed by other bytes; copy or download \
         it again",
        file.escape_debug()
    )]
    Decompress {
        /// The file.
        file: Arc<str>,
        /// What the decompressor says.
        cause: io::Error,
    },
    /// A file is compressed in a way that is not read here.
    #[error("`{}` is compressed as {format}: decompress it first, or compress it with gzip", file.escape_debug())]
    Compressed {
        /// The file.
        file: Arc<str>,
        /// The compression.
        format: &'static str,
    },
    /// A file with more bytes than are read into memory.
    #[error("`{}` holds more than {limit} bytes: cut it into several files", file.escape_debug())]
    FileTooLarge {
        /// The file.
        file: Arc<str>,
        /// The most bytes that are read.
        limit: u64,
    },
    /// Compressed data that expand beyond what images do.
    #[error(
        "`{}` expands from {compressed} to more than {limit} bytes, as images do not: if it is sound, decompress it first",
        file.escape_debug()
    )]
    Expansion {
        /// The file.
        file: Arc<str>,
        /// Its bytes on the disk.
        compressed: u64,
        /// The most bytes that so many may expand to.
        limit: u64,
    },
    /// A file of no known kind.
    #[error(
        "`{}` starts with the bytes {starts}: this is neither IDX nor a CIFAR or STL-10 file (`.bin`): give one of these, \
         or a folder of PNG or JPEG files",
        file.escape_debug()
    )]
    UnknownFormat {
        /// The file.
        file: Arc<str>,
        /// Its first bytes in hexadecimal digits.
        starts: String,
    },
    /// An IDX file of another kind than the one expected.
    #[error(
        "`{}` has the magic number {got:#010x}: IDX files of {what} have {expected}: give such a file",
        file.escape_debug()
    )]
    IdxMagic {
        /// The file.
        file: Arc<str>,
        /// The number found.
        got: u32,
        /// What was to be read.
        what: &'static str,
        /// The numbers accepted.
        expected: &'static str,
    },
    /// A file longer or shorter than its header says.
    #[error("`{}` holds {got} bytes, its header {header} asks for {expected}: copy or download it again", file.escape_debug())]
    FileLength {
        /// The file.
        file: Arc<str>,
        /// Its bytes, decompressed.
        got: u64,
        /// The bytes that its header asks for.
        expected: u64,
        /// What the header says.
        header: String,
    },
    /// A header whose sizes cannot be those of images.
    #[error(
        "`{}` says that it holds {header}: no size may be 0, and all together {limit} bytes: check the file",
        file.escape_debug()
    )]
    Dimensions {
        /// The file.
        file: Arc<str>,
        /// What its header says.
        header: String,
        /// The most bytes of all images.
        limit: u64,
    },
    /// A file of records that ends inside one.
    #[error(
        "`{}` holds {got} bytes, which are no {format} records of {record} bytes: copy or download it again",
        file.escape_debug()
    )]
    RecordLength {
        /// The file.
        file: Arc<str>,
        /// Its bytes, decompressed.
        got: u64,
        /// The format.
        format: &'static str,
        /// Bytes of one record.
        record: usize,
    },
    /// A `.bin` file whose length fits several formats, or none.
    #[error(
        "the name of `{}` tells no format, and {got} bytes fit {fitting} of CIFAR-10, CIFAR-100 and STL-10: name it as it was \
         published, such as `data_batch_1.bin`, `train.bin` or `train_X.bin`",
        file.escape_debug()
    )]
    Ambiguous {
        /// The file.
        file: Arc<str>,
        /// Its bytes, decompressed.
        got: u64,
        /// How many formats its length fits.
        fitting: usize,
    },
    /// A label that its format does not have.
    #[error(
        "`{}`, record {record}: the label is {got}, {format} has {lowest} to {highest}: check the file",
        file.escape_debug()
    )]
    Label {
        /// The file.
        file: Arc<str>,
        /// The record, counted from 1.
        record: usize,
        /// The label found.
        got: u8,
        /// The format.
        format: &'static str,
        /// The lowest label.
        lowest: u8,
        /// The highest label.
        highest: u8,
    },
    /// A line of a label file that is no label.
    #[error("`{}`, line {line}: `{}` is no label: write one whole number or one name a line", file.escape_debug(), got.escape_debug())]
    LabelLine {
        /// The file.
        file: Arc<str>,
        /// The line, counted from 1.
        line: usize,
        /// What it holds.
        got: String,
    },
    /// Another number of labels than of images.
    #[error("{images} images but {labels} labels: give the label file that belongs to these images")]
    LabelCount {
        /// Number of images.
        images: usize,
        /// Number of labels.
        labels: usize,
    },
    /// Images without labels where labels are needed.
    #[error("`{}` has no labels, and no label file lies beside it: give one", .0.escape_debug())]
    NoLabels(Arc<str>),
    /// A label file beside images that bring labels of their own.
    #[error("`{}` brings its own labels: leave the label file away", .0.escape_debug())]
    LabelsTwice(Arc<str>),
    /// A label beyond the classes.
    #[error("label {got} of image {index} (0-based) is beyond the {classes} classes: number labels from 0")]
    LabelBeyondClasses {
        /// The label.
        got: u32,
        /// The image, counted from 0.
        index: usize,
        /// Number of classes.
        classes: usize,
    },
    /// A class that another set of images does not have.
    #[error(
        "class `{}` is not among the classes of the other images: train with it, or leave its images away",
        .0.escape_debug()
    )]
    UnknownClass(String),
    /// Two classes of one name.
    #[error("class `{}` is there twice: rename one of them", .0.escape_debug())]
    DuplicateClass(String),
    /// A folder that is not laid out as a set of images.
    #[error("`{}` {}", folder.escape_debug(), problem)]
    Folder {
        /// The folder or the entry of it.
        folder: Arc<str>,
        /// What is wrong, and what to do about it.
        problem: FolderProblem,
    },
    /// PNG or JPEG in a build without their coders.
    #[error(
        "`{}` is a picture, and this build leaves out PNG and JPEG: build ckn with the feature `pictures` (`--features pictures`)",
        file.escape_debug()
    )]
    NoPictures {
        /// The file.
        file: Arc<str>,
    },
    /// A picture that cannot be decoded.
    #[cfg(feature = "pictures")]
    #[error("cannot decode `{}`: {cause}: replace or remove it", file.escape_debug())]
    Picture {
        /// The file.
        file: Arc<str>,
        /// What the decoder says.
        cause: image::ImageError,
    },
    /// A JPEG file that ends before its end marker.
    #[error("`{}` is a JPEG file without its end: replace or remove it", .0.escape_debug())]
    TruncatedPicture(Arc<str>),
    /// A picture with transparent pixels.
    #[error("`{}` has transparent pixels: lay it on a background first", .0.escape_debug())]
    Transparent(Arc<str>),
    /// A picture of another size than the first one.
    #[error(
        "`{}` is {} x {} pixels (height x width), `{}` is {} x {}: bring all pictures to one size",
        file.escape_debug(), got.0, got.1, first.escape_debug(), expected.0, expected.1
    )]
    PictureSize {
        /// The file.
        file: Arc<str>,
        /// Its height and width.
        got: (usize, usize),
        /// The first file.
        first: Arc<str>,
        /// Height and width of the first file.
        expected: (usize, usize),
    },
    /// An image that does not exist.
    #[error("image {index} (0-based) does not exist: there are {len}: choose an index below that")]
    NoSuchImage {
        /// The index asked for.
        index: usize,
        /// Number of images.
        len: usize,
    },
    /// A slice of another length than its shape says.
    #[error("{what}: expected {expected} numbers, got {got}: check the shape")]
    Shape {
        /// The slice.
        what: &'static str,
        /// The length that the shape asks for.
        expected: usize,
        /// Its length.
        got: usize,
    },
    /// A setting outside its limits.
    #[error("{name} is {got}: {allowed}")]
    Setting {
        /// The setting.
        name: &'static str,
        /// Its value.
        got: f64,
        /// What is allowed.
        allowed: &'static str,
    },
    /// Images smaller than a patch.
    #[error(
        "images of {height} x {width} pixels hold no patch of {side} x {side}: use a smaller patch or larger images"
    )]
    ImageTooSmall {
        /// Height of the images.
        height: usize,
        /// Width of the images.
        width: usize,
        /// Side of the patch.
        side: usize,
    },
    /// NaN or infinity where numbers are needed.
    #[error("{what}: number {index} (0-based) is NaN or infinite: check how it was made")]
    NotFinite {
        /// What holds it.
        what: &'static str,
        /// Where.
        index: usize,
    },
    /// Numbers that are all equal where differences are needed.
    #[error("{0} is constant: leave it away")]
    Constant(&'static str),
    /// A covariance without an inverse root.
    #[error(
        "the eigenvalues of a {size} x {size} covariance reach {smallest:e}: raise `epsilon`, or give more patches"
    )]
    Covariance {
        /// Rows of the matrix.
        size: usize,
        /// The smallest eigenvalue, regularised; NaN if the solver failed.
        smallest: f64,
    },
}
