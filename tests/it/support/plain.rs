//! Solvers as textbooks have them: short, slow, and sharing nothing with the engine.

use std::cmp::Reverse;

use super::problems::{MOST, Problem};

/// The coach of each coachee, if any.
pub type Plan = Vec<Option<u32>>;

/// The best total and, among plans with that total, the one that serves the queue best.
pub fn best_total(problem: &Problem) -> Plan {
    augmented(problem, |gain| gain > 0)
}

/// The same among the plans with the most pairs.
pub fn most_people(problem: &Problem) -> Plan {
    augmented(problem, |_| true)
}

/// Successive best paths from somebody without a coach to a free place: after each, the plan is the
/// best of its number of pairs.
fn augmented(problem: &Problem, worth_it: impl Fn(i128) -> bool) -> Plan {
    let values = values(problem);
    let mut plan = vec![None; problem.lists.len()];
    while let Some((gain, end, came)) = best_path(problem, &values, &plan)
        && worth_it(gain)
    {
        let mut coach = end;
        while let Some(before) = plan[came[coach as usize]].replace(coach) {
            coach = before;
        }
    }
    plan
}

/// Each coachee's pairs with the weight and, below it, a digit a coachee: the earlier in the queue, the higher.
fn values(problem: &Problem) -> Vec<Vec<(u32, i128)>> {
    let mut digit = vec![0; problem.lists.len()];
    for (turn, coachee) in problem.queue().into_iter().enumerate() {
        digit[coachee as usize] = 1i128 << (MOST as usize - turn);
    }
    let value = |weight: u32, digit: i128| (i128::from(weight) << (MOST + 1)) + digit;
    let row = |(list, &digit): (&Vec<(u32, u32)>, &i128)| {
        list.iter().map(|&(coach, weight)| (coach, value(weight, digit))).collect()
    };
    problem.lists.iter().zip(&digit).map(row).collect()
}

/// What the path gains, the coach with a free place at its end, and from which coachee each coach
/// was come to (Bellman and Ford).
fn best_path(problem: &Problem, values: &[Vec<(u32, i128)>], plan: &Plan) -> Option<(i128, u32, Vec<usize>)> {
    let coaches = problem.capacity.len();
    let (mut reached, mut came): (Vec<Option<i128>>, _) = (vec![None; coaches], vec![usize::MAX; coaches]);
    let mut changed = true;
    while changed {
        changed = false;
        for (coachee, list) in values.iter().enumerate() {
            let value_now = plan[coachee].and_then(|now| list.iter().find(|pair| pair.0 == now)).map(|pair| pair.1);
            let leaving = match plan[coachee] {
                None => Some(0),
                Some(coach) => reached[coach as usize].zip(value_now).map(|(gain, value)| gain - value),
            };
            let Some(leaving) = leaving else { continue };
            for &(coach, value) in list.iter().filter(|pair| Some(pair.0) != plan[coachee]) {
                if reached[coach as usize] < Some(leaving + value) {
                    reached[coach as usize] = Some(leaving + value);
                    came[coach as usize] = coachee;
                    changed = true;
                }
            }
        }
    }
    let free = |coach: &u32| held(plan, *coach).count() < problem.capacity[*coach as usize] as usize;
    let ends = (0..coaches as u32).filter(free).filter_map(|coach| Some((reached[coach as usize]?, coach)));
    ends.max().map(|(gain, coach)| (gain, coach, came))
}

fn held(plan: &Plan, coach: u32) -> impl Iterator<Item = u32> + '_ {
    (0u32..).zip(plan).filter(move |(_, given)| **given == Some(coach)).map(|(coachee, _)| coachee)
}

/// How many pairs there can be at the same time (Kuhn).
pub fn most_pairs(problem: &Problem) -> usize {
    fn seat(problem: &Problem, plan: &mut Plan, seen: &mut [bool], coachee: u32) -> bool {
        for &(coach, _) in &problem.lists[coachee as usize] {
            if std::mem::replace(&mut seen[coach as usize], true) {
                continue;
            }
            let holders: Vec<u32> = held(plan, coach).collect();
            let free = holders.len() < problem.capacity[coach as usize] as usize;
            if free || holders.into_iter().any(|holder| seat(problem, plan, seen, holder)) {
                plan[coachee as usize] = Some(coach);
                return true;
            }
        }
        false
    }
    let mut plan = vec![None; problem.lists.len()];
    let coachees = 0..problem.lists.len() as u32;
    coachees.filter(|&c| seat(problem, &mut plan, &mut vec![false; problem.capacity.len()], c)).count()
}

/// Coachees propose down their lists; coaches keep the most welcome (Gale and Shapley).
pub fn stable(problem: &Problem) -> Plan {
    let mut next = vec![0; problem.lists.len()];
    let mut plan = vec![None; problem.lists.len()];
    let mut seeking: Vec<u32> = (0..problem.lists.len() as u32).collect();
    while let Some(coachee) = seeking.pop() {
        let Some(&(coach, _)) = problem.lists[coachee as usize].get(next[coachee as usize]) else { continue };
        next[coachee as usize] += 1;
        plan[coachee as usize] = Some(coach);
        let holders: Vec<u32> = held(&plan, coach).collect();
        if holders.len() > problem.capacity[coach as usize] as usize {
            let least = holders.into_iter().min_by_key(|&holder| welcome(problem, holder, coach)).unwrap();
            plan[least as usize] = None;
            seeking.push(least);
        }
    }
    plan
}

/// Pairs of which both sides would rather have each other.
pub fn blocking_pairs(problem: &Problem, plan: &Plan) -> Vec<(u32, u32)> {
    let would_take = |coach: u32, coachee: u32| {
        let own = welcome(problem, coachee, coach);
        held(plan, coach).count() < problem.capacity[coach as usize] as usize
            || held(plan, coach).any(|holder| welcome(problem, holder, coach) < own)
    };
    let better = |(coachee, list): (u32, &Vec<(u32, u32)>)| {
        let better = list.iter().take_while(|pair| Some(pair.0) != plan[coachee as usize]);
        better.map(move |pair| (coachee, pair.0)).collect::<Vec<_>>()
    };
    let wished = (0u32..).zip(&problem.lists).flat_map(better);
    wished.filter(|&(coachee, coach)| would_take(coach, coachee)).collect()
}

/// How a coach ranks coachees.
fn welcome(problem: &Problem, coachee: u32, coach: u32) -> impl Ord {
    let priority = problem.priority[coachee as usize];
    (priority.class, problem.weight(coachee, coach), Reverse(priority.lottery), Reverse(coachee))
}
