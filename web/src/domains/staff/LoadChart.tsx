/** One curve over time. Loaded when somebody looks: it brings its library along. */

import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { useLanguage } from "@/lib/language";
import { formatClock } from "@/lib/time";
import styles from "./staff.module.css";

const HEIGHT = 110;

interface Props {
  /** Seconds since the epoch. */
  times: number[];
  values: (number | null)[];
  label: string;
}

export default function LoadChart({ times, values, label }: Props) {
  const { tag } = useLanguage();
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    // A canvas knows no style sheet.
    const ink = getComputedStyle(element).color;
    const axis = { stroke: ink, ticks: { show: false }, grid: { show: false }, font: "11px system-ui" };
    const plot = new uPlot(
      {
        width: element.clientWidth,
        height: HEIGHT,
        legend: { show: false },
        cursor: { show: false },
        scales: { y: { range: (_, __, max) => [0, max > 0 ? max * 1.1 : 1] } },
        axes: [
          { ...axis, size: 22, values: (_, all) => all.map((one) => formatClock(one * 1000, tag)) },
          { ...axis, size: 38 },
        ],
        series: [{}, { stroke: ink, width: 1.5, points: { show: values.length === 1 } }],
      },
      [times, values],
      element,
    );
    const watcher = new ResizeObserver(() => {
      plot.setSize({ width: element.clientWidth, height: HEIGHT });
    });
    watcher.observe(element);
    return () => {
      watcher.disconnect();
      plot.destroy();
    };
  }, [times, values, tag]);
  return <div ref={box} className={styles.plot} role="img" aria-label={label} />;
}
