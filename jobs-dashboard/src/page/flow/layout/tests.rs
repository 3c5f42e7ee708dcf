//! What holds of every drawing, and how some look.

use proptest::prelude::*;

use super::*;

/// What holds of every drawing.
fn check(boxes: usize, arrows: &[(usize, usize)]) -> Layout {
    let drawn = layout(boxes, arrows, &[]);
    assert_eq!((drawn.boxes.len(), drawn.lines.len()), (boxes, arrows.len()));
    for (index, one) in drawn.boxes.iter().enumerate() {
        assert!(one.0 >= 0 && one.1 >= 0 && one.0 + BOX.0 <= drawn.width && one.1 + BOX.1 <= drawn.height);
        for other in &drawn.boxes[..index] {
            let is_apart = (one.0 - other.0).abs() >= BOX.0 || (one.1 - other.1).abs() >= BOX.1;
            assert!(is_apart, "{one:?} and {other:?} overlap");
        }
    }
    for ((from, to), line) in arrows.iter().zip(&drawn.lines) {
        let (start, end) = (drawn.boxes[*from], drawn.boxes[*to]);
        assert_eq!(line.first(), Some(&(start.0 + BOX.0 / 2, start.1 + BOX.1)));
        assert_eq!(line.last(), Some(&(end.0 + BOX.0 / 2, end.1)));
        assert!(line.windows(2).all(|pair| pair[0].1 < pair[1].1), "{from} to {to} goes down: {line:?}");
        // What passes a layer passes between its boxes.
        for (x, y) in &line[1..line.len() - 1] {
            let hit =
                drawn.boxes.iter().find(|one| one.0 < *x && *x < one.0 + BOX.0 && one.1 <= *y && *y <= one.1 + BOX.1);
            assert_eq!(hit, None, "{from} to {to} at {x}, {y}");
        }
    }
    assert_eq!(drawn, layout(boxes, arrows, &[]));
    drawn
}

#[test]
fn small_graphs_look_as_one_would_draw_them() {
    assert_eq!(layout(0, &[], &[]), Layout::default());
    assert_eq!(check(1, &[]).boxes, [(12, 12)]);
    let two = check(2, &[(0, 1)]);
    assert_eq!(two.boxes, [(12, 12), (12, 118)]);
    assert_eq!((two.lines, two.width, two.height), (vec![vec![(107, 64), (107, 118)]], 214, 182));
    let diamond = check(4, &[(0, 1), (0, 2), (1, 3), (2, 3)]);
    assert_eq!(diamond.boxes, [(120, 12), (12, 118), (228, 118), (120, 224)]);
    // What waits for nothing stands just above what waits for it.
    let late = check(4, &[(0, 1), (1, 2), (3, 2)]);
    assert_eq!(late.boxes[3].1, late.boxes[1].1);
}

#[test]
fn a_line_that_passes_a_layer_goes_around_its_boxes() {
    let past = check(3, &[(0, 1), (1, 2), (0, 2)]);
    assert_eq!((past.lines[2].len(), past.lines[0].len()), (4, 2));
}

#[test]
fn lines_of_a_tree_do_not_cross() {
    // Children are told of in the wrong order.
    let drawn = check(7, &[(0, 2), (0, 1), (1, 5), (1, 6), (2, 3), (2, 4)]);
    let x = |node: usize| drawn.boxes[node].0;
    assert_eq!(x(1) < x(2), x(5).max(x(6)) < x(3).min(x(4)));
}

#[test]
fn large_graphs_are_laid_out() {
    let chain: Vec<_> = (1..200).map(|node| (node - 1, node)).collect();
    assert_eq!(check(200, &chain).width, BOX.0 + 2 * MARGIN);
    let fan: Vec<_> = (1..200).map(|node| (0, node)).collect();
    let wide = check(200, &fan);
    assert_eq!((wide.width, wide.height), (199 * BOX.0 + 198 * GAP.0 + 2 * MARGIN, 2 * BOX.1 + GAP.1 + 2 * MARGIN));
    let funnel: Vec<_> = (1..200).map(|node| (node, 0)).collect();
    assert_eq!(check(200, &funnel).width, wide.width);
    check(200, &[]);
    // Everything waits for everything before it.
    let dense: Vec<_> = (0..200).flat_map(|one| (one + 1..200).map(move |other| (one, other))).collect();
    let drawn = layout(200, &dense, &[]);
    assert_eq!((drawn.boxes.len(), drawn.lines.len()), (200, dense.len()));
}

#[test]
fn circles_and_what_is_not_there_do_no_harm() {
    let drawn = layout(3, &[(0, 1), (1, 2), (2, 0), (1, 1), (0, 9), (0, 1)], &[(2, 1), (7, 7)]);
    assert_eq!((drawn.boxes.len(), drawn.lines.len()), (3, 6));
    assert!(drawn.lines[3].is_empty() && drawn.lines[4].is_empty() && !drawn.lines[2].is_empty());
    assert!(drawn.boxes[0].1 < drawn.boxes[1].1 && drawn.boxes[1].1 < drawn.boxes[2].1);
}

#[test]
fn a_hint_orders_without_a_line() {
    let drawn = layout(3, &[(0, 1), (0, 2)], &[(1, 2)]);
    assert!(drawn.boxes[1].1 < drawn.boxes[2].1);
    assert_eq!((drawn.lines.len(), layers_of(3, &[(0, 1), (0, 2)], &[(1, 2)])), (2, vec![0, 1, 2]));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_graph_has_boxes_that_overlap(boxes in 1..40_usize, pairs in prop::collection::vec((0..40_usize, 0..40_usize), 0..80)) {
        let arrows: Vec<_> = pairs.into_iter().filter(|(one, other)| one < other && *other < boxes).collect();
        check(boxes, &arrows);
    }

    #[test]
    fn nothing_that_is_stored_makes_it_fail(pairs in prop::collection::vec((0..20_usize, 0..20_usize), 0..60)) {
        let drawn = layout(20, &pairs, &pairs);
        prop_assert_eq!((drawn.boxes.len(), drawn.lines.len()), (20, pairs.len()));
    }
}
