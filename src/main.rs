//! The `coachnet` program: hands its arguments to [`coachnet::cli`].

fn main() -> std::process::ExitCode {
    coachnet::cli::main()
}
