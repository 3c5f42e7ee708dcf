//! Plots as SVG files.

use std::{fs, path::Path};

use anyhow::{Context, Result, anyhow};
use plotters::prelude::*;

use crate::figures::{Figures, Row, Unit};

const WIDTH: u32 = 900;

/// Draws a plot of bars for each figure, a bar for each system, with the spread of its runs.
pub(crate) fn bars(figures: &Figures, engine: &str, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    for (measure, workers) in figures.measures() {
        let mut rows: Vec<&Row> = figures.of(&measure, workers).filter(|row| !row.runs.is_empty()).collect();
        if rows.len() < 2 {
            continue;
        }
        let unit = rows[0].unit;
        rows.sort_by(|a, b| {
            let (a, b) = (a.median().unwrap_or_default(), b.median().unwrap_or_default());
            if unit.is_rate() { b.total_cmp(&a) } else { a.total_cmp(&b) }
        });
        let suffix = if workers == 0 { String::new() } else { format!("_{workers}") };
        let path = folder.join(format!("{engine}_{measure}{suffix}.svg"));
        let title = format!("{measure}{suffix}, {} ({engine})", unit.name());
        bar_plot(&path, &title, &rows).map_err(|error| anyhow!("cannot draw {}: {error}", path.display()))?;
    }
    Ok(())
}

fn bar_plot(path: &Path, title: &str, rows: &[&Row]) -> Result<()> {
    let height = 90 + 34 * u32::try_from(rows.len())?;
    let area = SVGBackend::new(path, (WIDTH, height)).into_drawing_area();
    area.fill(&WHITE)?;
    let most = rows.iter().filter_map(|row| row.max()).fold(0.0, f64::max).max(1e-9);
    let mut chart = ChartBuilder::on(&area)
        .caption(title, ("sans-serif", 20))
        .margin(10)
        .x_label_area_size(28)
        .y_label_area_size(150)
        .build_cartesian_2d(0.0..most * 1.15, 0.0..rows.len() as f64)?;
    chart.configure_mesh().disable_y_mesh().disable_y_axis().x_labels(8).draw()?;
    for (place, row) in rows.iter().rev().enumerate() {
        let bottom = place as f64;
        let (median, unit) = (row.median().unwrap_or_default(), row.unit);
        let color = if row.system == crate::system::OURS { RGBColor(196, 78, 40) } else { RGBColor(96, 125, 160) };
        chart.draw_series([Rectangle::new([(0.0, bottom + 0.2), (median, bottom + 0.8)], color.filled())])?;
        let spread = [row.min().unwrap_or(median), row.max().unwrap_or(median)].map(|end| (end, bottom + 0.5));
        chart.draw_series([PathElement::new(spread, BLACK)])?;
        let value =
            Text::new(unit.show(median), (row.max().unwrap_or(median) + most * 0.01, bottom + 0.7), ("sans-serif", 14));
        chart.draw_series([value])?;
        let (_, y) = chart.backend_coord(&(0.0, bottom + 0.7));
        area.draw(&Text::new(row.system.clone(), (14, y), ("sans-serif", 14)))?;
    }
    area.present()?;
    Ok(())
}

/// Draws a line for each figure that was measured at several sizes: the rate against the size.
pub(crate) fn lines(figures: &Figures, engine: &str, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    for (measure, workers) in figures.measures() {
        let points = figures.of(&measure, workers).filter_map(|row| Some((row.jobs as f64, row.median()?)));
        let points: Vec<(f64, f64)> = points.collect();
        if points.len() < 2 {
            continue;
        }
        let path = folder.join(format!("{engine}_{measure}.svg"));
        let title = format!("{measure}, jobs/s ({engine})");
        line_plot(&path, &title, &points).map_err(|error| anyhow!("cannot draw {}: {error}", path.display()))?;
    }
    Ok(())
}

/// The sizes grow by powers of ten, or evenly; they stand side by side at equal distances.
fn line_plot(path: &Path, title: &str, points: &[(f64, f64)]) -> Result<()> {
    let area = SVGBackend::new(path, (WIDTH, 420)).into_drawing_area();
    area.fill(&WHITE)?;
    let most = points.iter().map(|(_, rate)| *rate).fold(0.0, f64::max).max(1e-9);
    let mut chart = ChartBuilder::on(&area)
        .caption(title, ("sans-serif", 20))
        .margin(14)
        .x_label_area_size(34)
        .y_label_area_size(70)
        .build_cartesian_2d(-0.3..points.len() as f64 - 0.7, 0.0..most * 1.15)?;
    let size = |place: &f64| {
        let is_point = (place - place.round()).abs() < 1e-6 && *place >= 0.0;
        let point = points.get(place.round() as usize).filter(|_| is_point);
        point.map_or_else(String::new, |(size, _)| Unit::JobsPerSecond.show(*size))
    };
    chart.configure_mesh().x_labels(points.len() * 2).x_label_formatter(&size).draw()?;
    let spots: Vec<(f64, f64)> = points.iter().enumerate().map(|(place, (_, rate))| (place as f64, *rate)).collect();
    chart.draw_series(LineSeries::new(spots.clone(), RGBColor(196, 78, 40).stroke_width(2)))?;
    chart.draw_series(spots.iter().map(|spot| Circle::new(*spot, 4, RGBColor(196, 78, 40).filled())))?;
    let value = |spot: &(f64, f64)| {
        Text::new(Unit::JobsPerSecond.show(spot.1), (spot.0, spot.1 + most * 0.06), ("sans-serif", 13))
    };
    chart.draw_series(spots.iter().map(value))?;
    area.present()?;
    Ok(())
}
