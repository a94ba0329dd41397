//! Labels at the ends of curves, pushed apart until none covers another.

/// Places labels as near as they can be to where they want to be: `wanted` are middles, each
/// label is `height` high, all lie between `top` and `bottom` if they fit at all.
pub fn spread(wanted: &[i32], height: i32, top: i32, bottom: i32) -> Vec<i32> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by_key(|&i| (wanted[i], i));
    // Labels that touch form a block, which lies where the mean of its wishes is.
    let mut blocks: Vec<(i32, Vec<usize>)> = Vec::new();
    let room = |n: usize| height * n as i32;
    for i in order {
        let mut block = (wanted[i] - height / 2, vec![i]);
        while let Some((above, mut members)) = blocks.pop() {
            if above + room(members.len()) <= block.0 {
                blocks.push((above, members));
                break;
            }
            members.append(&mut block.1);
            let wish: i32 = members.iter().enumerate().map(|(n, &m)| wanted[m] - height / 2 - room(n)).sum();
            block = (wish.div_euclid(members.len() as i32), members);
        }
        let lowest = bottom - room(block.1.len());
        block.0 = block.0.min(lowest).max(top);
        blocks.push(block);
    }
    let mut placed = vec![0; wanted.len()];
    let mut free = top;
    for (start, members) in blocks {
        let start = start.max(free);
        for (n, &member) in members.iter().enumerate() {
            placed[member] = start + room(n) + height / 2;
        }
        free = start + room(members.len());
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_do_not_cover_each_other() {
        for (wanted, want) in [
            (vec![], vec![]),
            (vec![500], vec![500]),
            (vec![500, 500], vec![430, 570]),
            (vec![500, 510, 520], vec![370, 510, 650]),
            (vec![990, 985, 980], vec![930, 790, 650]),
            (vec![10, 900], vec![70, 900]),
            (vec![900, 10, 10], vec![900, 70, 210]),
        ] {
            assert_eq!(spread(&wanted, 140, 0, 1000), want, "{wanted:?}");
        }
    }

    #[test]
    fn any_number_of_labels_keeps_its_order_and_distance() {
        let wanted: Vec<i32> = (0..40).map(|i| (i * 7919) % 1000).collect();
        let placed = spread(&wanted, 20, 0, 1000);
        let mut both: Vec<_> = wanted.iter().zip(&placed).collect();
        both.sort();
        assert!(both.windows(2).all(|pair| pair[1].1 - pair[0].1 >= 20), "{both:?}");
    }
}
