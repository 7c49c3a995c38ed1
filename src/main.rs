//! The `coachnet` program: hands its arguments to [`coachnet::cli`].

/// Requests take and give back many small pieces of memory on several threads, which it does in half the time.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    coachnet::cli::main()
}
