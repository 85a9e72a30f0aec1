/** In and out of some months as bars. Loaded when somebody looks: it brings its library along. */

import { useCallback } from "react";
import uPlot from "uplot";
import { useLanguage } from "@/lib/language";
import { usePlot } from "@/ui/plot";
import { formatMonth, toUnits, type MonthBar } from "./pageViews";
import styles from "./pages.module.css";

const HEIGHT = 210;
const BAR_SHARE = 0.32;
const BAR_MAX = 34;

interface Props {
  bars: MonthBar[];
  currency: string;
  label: string;
  /** Elements in the colours of what came in and what went out: a canvas knows no style sheet. */
  colourOf: (side: "in" | "out" | "ink" | "line") => string;
}

export default function MonthChart({ bars, currency, label, colourOf }: Props) {
  const { tag } = useLanguage();
  const draw = useCallback(
    (element: HTMLElement) => ({
      options: describePlot(bars, currency, tag, element.clientWidth, colourOf),
      data: readData(bars, currency),
    }),
    [bars, currency, tag, colourOf],
  );
  const box = usePlot(draw);
  return <div ref={box} className={styles.chart} role="img" aria-label={label} />;
}

function readData(bars: MonthBar[], currency: string): uPlot.AlignedData {
  return [
    bars.map((_, index) => index),
    bars.map((bar) => toUnits(bar.cameIn, currency)),
    bars.map((bar) => toUnits(bar.wentOut, currency)),
  ];
}

function describePlot(
  bars: MonthBar[],
  currency: string,
  tag: string,
  width: number,
  colourOf: Props["colourOf"],
): uPlot.Options {
  const compact = new Intl.NumberFormat(tag, { notation: "compact", maximumFractionDigits: 1 });
  const left = uPlot.paths.bars?.({ size: [BAR_SHARE, BAR_MAX], align: -1, radius: 0.15 });
  const right = uPlot.paths.bars?.({ size: [BAR_SHARE, BAR_MAX], align: 1, radius: 0.15 });
  const points = { show: false };
  const [came, went] = [colourOf("in"), colourOf("out")];
  const axis = { stroke: colourOf("ink"), ticks: { show: false }, font: "12px system-ui, sans-serif" };
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: false, range: [-0.6, bars.length - 0.4] },
      y: { range: (_, __, max) => [0, max > 0 ? max * 1.1 : 1] },
    },
    axes: [
      {
        ...axis,
        size: 30,
        grid: { show: false },
        splits: () => bars.map((_, index) => index),
        values: (_, splits) =>
          splits.map((index) => formatMonth(bars[index]?.month ?? "", tag, "short")),
      },
      {
        ...axis,
        size: 48,
        grid: { stroke: colourOf("line"), width: 1 },
        values: (_, splits) => splits.map((value) => compact.format(value)),
      },
    ],
    series: [
      {},
      { label: currency, fill: came, stroke: came, width: 0, points, ...(left ? { paths: left } : {}) },
      { label: currency, fill: went, stroke: went, width: 0, points, ...(right ? { paths: right } : {}) },
    ],
  };
}
