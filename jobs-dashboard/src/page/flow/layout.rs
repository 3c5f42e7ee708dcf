//! Where the boxes and arrows of a graph go: in layers, what waits below what it waits for. Pure, and the same for the same graph, so
//! that a drawing that is made anew stays as it is.
//!
//! Layers are as long as the longest path; a line that passes layers has a point in each, which is ordered and placed like a box; layers
//! are ordered by the middle of their neighbours, and placed as near to them as boxes that do not overlap can be.

use std::collections::HashSet;

/// The size of a box, and the room around it.
pub(super) const BOX: (i32, i32) = (190, 52);
const GAP: (i32, i32) = (26, 54);
/// The width of a point of a line that passes a layer.
const POINT: i32 = 14;
/// The room around everything.
const MARGIN: i32 = 12;
/// How often the layers are ordered, and then placed, down and up again.
const SWEEPS: usize = 6;
/// Where lines would have more points than this, long ones go straight.
const MOST_POINTS: usize = 3_000;

/// Where everything goes, in pixels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) width: i32,
    pub(super) height: i32,
    /// The upper left corner of each box.
    pub(super) boxes: Vec<(i32, i32)>,
    /// For each arrow the points that it passes, from the box where it begins to the one where it ends: a curve from the first to the
    /// second, a straight line to the third, and so on. None for one from a box to itself.
    pub(super) lines: Vec<Vec<(i32, i32)>>,
}

/// Lays out so many boxes. Arrows are drawn; hints only say what is to be below what.
pub(super) fn layout(boxes: usize, arrows: &[(usize, usize)], hints: &[(usize, usize)]) -> Layout {
    if boxes == 0 {
        return Layout::default();
    }
    let down = downward(boxes, arrows.iter().chain(hints));
    let mut graph = Graph::new(layers(boxes, &down));
    let chains = graph.add_lines(arrows, &down);
    graph.order();
    graph.place();
    graph.drawn(boxes, &chains)
}

/// The layer of each node, without arrows: for whoever folds what stands side by side.
pub(super) fn layers_of(boxes: usize, arrows: &[(usize, usize)], hints: &[(usize, usize)]) -> Vec<usize> {
    layers(boxes, &downward(boxes, arrows.iter().chain(hints)))
}

/// The arrows without those that close a circle, which stored data should not hold, each once.
fn downward<'a>(boxes: usize, arrows: impl Iterator<Item = &'a (usize, usize)>) -> Vec<(usize, usize)> {
    let mut from = vec![Vec::new(); boxes];
    let mut known = HashSet::new();
    for &(one, other) in arrows.filter(|(one, other)| one != other && *one < boxes && *other < boxes) {
        if known.insert((one, other)) {
            from[one].push(other);
        }
    }
    #[derive(Clone, Copy, PartialEq)]
    enum Seen {
        No,
        Open,
        Done,
    }
    let mut seen = vec![Seen::No; boxes];
    let mut kept = Vec::new();
    for start in 0..boxes {
        // Each entry: a node, and how many of its arrows have been followed.
        let mut path = if seen[start] == Seen::No { vec![(start, 0)] } else { Vec::new() };
        while let Some((node, followed)) = path.last_mut() {
            seen[*node] = Seen::Open;
            let Some(&next) = from[*node].get(*followed) else {
                seen[*node] = Seen::Done;
                path.pop();
                continue;
            };
            *followed += 1;
            if seen[next] != Seen::Open {
                kept.push((*node, next));
            }
            if seen[next] == Seen::No {
                path.push((next, 0));
            }
        }
    }
    kept
}

/// The layer of each node: one below the lowest that it waits for. What waits for nothing stands just above what waits for it.
fn layers(boxes: usize, down: &[(usize, usize)]) -> Vec<usize> {
    let mut below = vec![Vec::new(); boxes];
    let mut open = vec![0; boxes];
    for &(upper, lower) in down {
        below[upper].push(lower);
        open[lower] += 1;
    }
    let begins: Vec<_> = (0..boxes).filter(|node| open[*node] == 0).collect();
    let mut layers = vec![0_usize; boxes];
    let mut ready = begins.clone();
    while let Some(node) = ready.pop() {
        for &next in &below[node] {
            layers[next] = layers[next].max(layers[node] + 1);
            open[next] -= 1;
            if open[next] == 0 {
                ready.push(next);
            }
        }
    }
    for node in begins {
        if let Some(nearest) = below[node].iter().map(|next| layers[*next]).min() {
            layers[node] = nearest.saturating_sub(1);
        }
    }
    layers
}

/// Boxes, and the points of lines, in layers.
struct Graph {
    layer: Vec<usize>,
    /// How many of the nodes are boxes.
    boxes: usize,
    above: Vec<Vec<usize>>,
    below: Vec<Vec<usize>>,
    /// The nodes of each layer from the left to the right.
    rows: Vec<Vec<usize>>,
    /// The middle of each node.
    middle: Vec<f64>,
}

impl Graph {
    fn new(layer: Vec<usize>) -> Self {
        let boxes = layer.len();
        let nothing = vec![Vec::new(); boxes];
        let mut rows = vec![Vec::new(); layer.iter().max().map_or(0, |last| last + 1)];
        for (node, layer) in layer.iter().enumerate() {
            rows[*layer].push(node);
        }
        Self { layer, boxes, above: nothing.clone(), below: nothing, rows, middle: Vec::new() }
    }

    /// Adds the points of each arrow, and returns its nodes from one end to the other.
    fn add_lines(&mut self, arrows: &[(usize, usize)], down: &[(usize, usize)]) -> Vec<Vec<usize>> {
        let down: HashSet<_> = down.iter().copied().collect();
        let passed = |(upper, lower): &(usize, usize)| {
            let is_down = down.contains(&(*upper, *lower));
            if is_down { self.layer[*lower].saturating_sub(self.layer[*upper] + 1) } else { 0 }
        };
        let points: Vec<_> = arrows.iter().map(passed).collect();
        let has_points = points.iter().sum::<usize>() <= MOST_POINTS;
        let mut chains = Vec::with_capacity(arrows.len());
        for (&(upper, lower), points) in arrows.iter().zip(points) {
            if upper == lower || upper >= self.boxes || lower >= self.boxes {
                chains.push(Vec::new());
                continue;
            }
            let mut chain = vec![upper];
            for step in 1..=(if has_points { points } else { 0 }) {
                let layer = self.layer[upper] + step;
                let node = self.layer.len();
                self.layer.push(layer);
                self.above.push(Vec::new());
                self.below.push(Vec::new());
                self.rows[layer].push(node);
                chain.push(node);
            }
            chain.push(lower);
            for pair in chain.windows(2).filter(|pair| self.layer[pair[0]] + 1 == self.layer[pair[1]]) {
                self.below[pair[0]].push(pair[1]);
                self.above[pair[1]].push(pair[0]);
            }
            chains.push(chain);
        }
        chains
    }

    /// Orders each layer by the middle of the places of its neighbours, so that few lines cross.
    fn order(&mut self) {
        let mut place = vec![0.0; self.layer.len()];
        let note = |row: &[usize], place: &mut [f64]| {
            for (index, node) in row.iter().enumerate() {
                // Shares of the width, so that layers of different lengths can be compared.
                place[*node] = (index as f64 + 0.5) / row.len() as f64;
            }
        };
        self.rows.iter().for_each(|row| note(row, &mut place));
        for sweep in 0..SWEEPS * 2 {
            let is_down = sweep % 2 == 0;
            for at in sweeping(self.rows.len(), is_down) {
                let near = if is_down { &self.above } else { &self.below };
                let key = |node: &usize| mean(&near[*node], &place).unwrap_or(place[*node]);
                let mut row = std::mem::take(&mut self.rows[at]);
                row.sort_by(|one, other| key(one).total_cmp(&key(other)));
                note(&row, &mut place);
                self.rows[at] = row;
            }
        }
    }

    /// Places each layer as near to the middle of its neighbours as its order and the widths allow.
    fn place(&mut self) {
        self.middle = vec![0.0; self.layer.len()];
        for at in 0..self.rows.len() {
            let wanted = vec![0.0; self.rows[at].len()];
            self.put(at, &wanted);
        }
        for sweep in 0..SWEEPS * 2 {
            let is_down = sweep % 2 == 0;
            for at in sweeping(self.rows.len(), is_down) {
                let near = if is_down { &self.above } else { &self.below };
                let wanted = |node: &usize| mean(&near[*node], &self.middle).unwrap_or(self.middle[*node]);
                let wanted: Vec<_> = self.rows[at].iter().map(wanted).collect();
                self.put(at, &wanted);
            }
        }
    }

    fn half(&self, node: usize) -> f64 {
        f64::from(if node < self.boxes { BOX.0 } else { POINT }) / 2.0
    }

    /// The places in order that are nearest to what is wanted, by least squares: with the widths taken off, that is a sequence that does
    /// not fall, in which neighbours that would are put together at their mean.
    fn put(&mut self, at: usize, wanted: &[f64]) {
        let row = &self.rows[at];
        let mut off = Vec::with_capacity(row.len());
        let mut sum = 0.0;
        for (index, node) in row.iter().enumerate() {
            if index > 0 {
                sum += self.half(row[index - 1]) + f64::from(GAP.0) + self.half(*node);
            }
            off.push(sum);
        }
        // Each block: the sum of what is wanted in it, and how many nodes it has.
        let mut blocks: Vec<(f64, usize)> = Vec::new();
        for (wanted, off) in wanted.iter().zip(&off) {
            let mut block = (wanted - off, 1);
            while let Some(before) = blocks.pop_if(|before| before.0 / before.1 as f64 >= block.0 / block.1 as f64) {
                block = (before.0 + block.0, before.1 + block.1);
            }
            blocks.push(block);
        }
        let means = blocks.into_iter().flat_map(|(sum, nodes)| std::iter::repeat_n(sum / nodes as f64, nodes));
        for ((node, off), mean) in row.iter().zip(off).zip(means) {
            self.middle[*node] = mean + off;
        }
    }

    fn drawn(&self, boxes: usize, chains: &[Vec<usize>]) -> Layout {
        let left = (0..self.layer.len()).map(|node| self.middle[node] - self.half(node)).fold(f64::INFINITY, f64::min);
        // It is at most some hundred boxes wide.
        let x = |middle: f64| (middle - left).round() as i32 + MARGIN;
        let top = |node: usize| {
            let layer = i32::try_from(self.layer[node]).unwrap_or(i32::MAX / (BOX.1 + GAP.1) - 1);
            MARGIN + layer * (BOX.1 + GAP.1)
        };
        let corners: Vec<_> = (0..boxes).map(|node| (x(self.middle[node] - self.half(node)), top(node))).collect();
        let line = |chain: &Vec<usize>| {
            let mut points = Vec::with_capacity(chain.len() * 2);
            for (index, &node) in chain.iter().enumerate() {
                let (middle, top) = (x(self.middle[node]), top(node));
                if index > 0 {
                    points.push((middle, top));
                }
                if index + 1 < chain.len() {
                    points.push((middle, top + BOX.1));
                }
            }
            points
        };
        let lines: Vec<_> = chains.iter().map(line).collect();
        let right = (0..self.layer.len()).map(|node| x(self.middle[node] + self.half(node))).max().unwrap_or_default();
        let bottom = (0..boxes).map(top).max().unwrap_or_default() + BOX.1;
        Layout { width: right + MARGIN, height: bottom + MARGIN, boxes: corners, lines }
    }
}

/// The layers but the first, downward; or but the last, upward.
fn sweeping(layers: usize, is_down: bool) -> Vec<usize> {
    if is_down { (1..layers).collect() } else { (0..layers.saturating_sub(1)).rev().collect() }
}

fn mean(nodes: &[usize], values: &[f64]) -> Option<f64> {
    let sum: f64 = nodes.iter().map(|node| values[*node]).sum();
    (!nodes.is_empty()).then(|| sum / nodes.len() as f64)
}

#[cfg(test)]
mod tests;
