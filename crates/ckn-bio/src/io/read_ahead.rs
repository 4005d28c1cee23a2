//! Reading while computing.

use std::ops::ControlFlow;

use crate::error::Error;

/// Reads batches, each while the one before it is worked on, and takes the results in order, until a batch is empty or taking
/// says stop.
///
/// ```
/// use ckn_bio::io::read_ahead;
/// use std::ops::ControlFlow;
/// let mut batches = [vec![1, 2], vec![3], vec![4, 5, 6]].into_iter();
/// let mut taken = Vec::new();
/// read_ahead::<i32, i32, ckn_bio::Error>(
///     || Ok(batches.next().unwrap_or_default()),
///     |batch| Ok(batch.iter().sum()),
///     |batch, sum| {
///         taken.push((batch.len(), sum));
///         Ok(ControlFlow::Continue(()))
///     },
/// )?;
/// assert_eq!(taken, [(2, 3), (1, 3), (3, 15)]);
/// # Ok::<(), ckn_bio::Error>(())
/// ```
///
/// # Errors
/// The first of reading, working and taking, once everything before it was taken.
pub fn read_ahead<B, R, E>(
    mut read: impl FnMut() -> Result<Vec<B>, Error> + Send,
    work: impl Fn(&[B]) -> Result<R, E> + Sync,
    mut take: impl FnMut(&[B], R) -> Result<ControlFlow<()>, E>,
) -> Result<(), E>
where
    B: Send + Sync,
    R: Send,
    E: From<Error> + Send,
{
    let mut batch = read()?;
    while !batch.is_empty() {
        let (done, ahead) = rayon::join(|| work(&batch), &mut read);
        if take(&batch, done?)?.is_break() {
            break;
        }
        batch = ahead?;
    }
    Ok(())
}
