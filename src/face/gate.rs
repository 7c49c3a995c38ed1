//! The way of a request to the database, and how many may stand in it.

use std::sync::Arc;

use actix_web::web;
use tokio::sync::Semaphore;
use tracing::Span;

use crate::error::AppError;
use crate::store::{Db, Store, StoreError, StoreResult};

/// The store, behind a limit: a server of a database that hangs must not take every thread with it.
#[derive(Clone)]
pub struct Gate {
    store: Store,
    places: Arc<Semaphore>,
}

impl Gate {
    /// A gate that lets `max_waiting` requests wait for the database at a time.
    pub fn new(store: Store, max_waiting: usize) -> Self {
        Self { store, places: Arc::new(Semaphore::new(max_waiting)) }
    }

    /// Runs work on the store, off the threads that serve requests.
    ///
    /// # Errors
    /// [`AppError::Busy`] when the gate is full; the errors of the store, as a client may see them.
    pub async fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Store) -> StoreResult<T> + Send + 'static,
    ) -> Result<T, AppError> {
        self.work(work).await
    }

    /// The same for work with errors of its own.
    ///
    /// # Errors
    /// [`AppError::Busy`] when the gate is full; the errors of the work, as a client may see them.
    pub async fn work<T, E>(&self, work: impl FnOnce(&Store) -> Result<T, E> + Send + 'static) -> Result<T, AppError>
    where
        T: Send + 'static,
        E: Send + 'static,
        AppError: From<E>,
    {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| AppError::Busy)?;
        let store = self.store.clone();
        let span = Span::current();
        let result = web::block(move || {
            // Held until the work is done, even when the client is gone.
            let _place = place;
            span.in_scope(|| work(&store))
        })
        .await;
        Ok(result.map_err(AppError::internal)??)
    }

    /// Runs reading that takes a fraction of a millisecond: at once and on the thread that serves the request, where
    /// the database is embedded. To hand it to another thread and wait for that takes longer, and under load a
    /// multiple of it, than the reading itself. Only for what reads a few rows by their keys, whatever there is: all
    /// else that this thread serves waits meanwhile.
    ///
    /// # Errors
    /// As [`Gate::work`].
    pub async fn glance<T, E>(
        &self,
        reading: impl FnOnce(&mut Db) -> Result<T, E> + Send + 'static,
    ) -> Result<T, AppError>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        AppError: From<E>,
    {
        match self.store.glance(reading) {
            Ok(read) => Ok(read?),
            Err(reading) => self.work(move |store| store.snapshot(reading)).await,
        }
    }
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => AppError::NotFound,
            StoreError::Conflict(why) => {
                tracing::info!(why, "a rule of the database stands against it");
                AppError::Conflict
            }
            StoreError::Busy(why) => {
                tracing::warn!(why, "the store is busy");
                AppError::Busy
            }
            StoreError::Unavailable(why) => {
                tracing::error!(why, "the store is unavailable");
                AppError::NotReady
            }
            error => AppError::internal(error),
        }
    }
}
