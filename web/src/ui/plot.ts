/** Draws a chart into an element and fits it to its width. Whoever uses it is loaded late. */

import { useEffect, useRef, type RefObject } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

export interface Drawing { options: uPlot.Options; data: uPlot.AlignedData }

/** @param draw says what is drawn, for the element as wide as it is; it is drawn anew for another. */
export function usePlot(draw: (element: HTMLElement) => Drawing): RefObject<HTMLDivElement | null> {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const { options, data } = draw(element);
    const plot = new uPlot(options, data, element);
    const watcher = new ResizeObserver(() => {
      plot.setSize({ width: element.clientWidth, height: options.height });
    });
    watcher.observe(element);
    return () => {
      watcher.disconnect();
      plot.destroy();
    };
  }, [draw]);
  return box;
}
