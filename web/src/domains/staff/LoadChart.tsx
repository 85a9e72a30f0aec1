/** One curve over time. Loaded when somebody looks: it brings its library along. */

import { useCallback } from "react";
import type uPlot from "uplot";
import { useLanguage } from "@/lib/language";
import { formatClock } from "@/lib/time";
import { usePlot, type Drawing } from "@/ui/plot";
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
  const draw = useCallback(
    (element: HTMLElement): Drawing => {
      // A canvas knows no style sheet.
      const ink = getComputedStyle(element).color;
      const axis = {
        stroke: ink,
        ticks: { show: false },
        grid: { show: false },
        font: "11px system-ui",
      };
      const options: uPlot.Options = {
        width: element.clientWidth,
        height: HEIGHT,
        legend: { show: false },
        cursor: { show: false },
        scales: { y: { range: (_, __, max) => [0, max > 0 ? max * 1.1 : 1] } },
        axes: [
          {
            ...axis,
            size: 22,
            values: (_, all) => all.map((one) => formatClock(one * 1000, tag)),
          },
          { ...axis, size: 38 },
        ],
        series: [{}, { stroke: ink, width: 1.5, points: { show: values.length === 1 } }],
      };
      return { options, data: [times, values] };
    },
    [times, values, tag],
  );
  const box = usePlot(draw);
  return <div ref={box} className={styles.plot} role="img" aria-label={label} />;
}
