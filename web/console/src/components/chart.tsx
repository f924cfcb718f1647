/** ECharts, loaded when a page first draws one, in the console's own colours. */
import type { EChartsOption } from 'echarts';
import { useEffect, useRef } from 'react';
import { useTheme } from '../theme/mode.tsx';
import { fontFamily, palettes, seriesColours } from '../theme/tokens.ts';

export function Chart({
  option,
  height = 220,
  label,
  onPick,
}: {
  option: EChartsOption;
  height?: number;
  label: string;
  onPick?: (name: string, series: string) => void;
}) {
  const box = useRef<HTMLDivElement>(null);
  const { mode } = useTheme();
  const pick = useRef(onPick);
  pick.current = onPick;
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    let stopped = false;
    let stop = () => {};
    void import('./echarts.ts').then(({ init }) => {
      if (stopped) return;
      const chart = init(element, null, { renderer: 'svg' });
      const p = palettes[mode];
      const axis = {
        axisLine: { lineStyle: { color: p['line-strong'] } },
        axisTick: { show: false },
        axisLabel: { color: p.ink3 },
        splitLine: { lineStyle: { color: p.line } },
      };
      const dress = (part: unknown) =>
        (Array.isArray(part) ? part : part ? [part] : []).map((one) => ({ ...axis, ...(one as object) }));
      // Drawn, not written as HTML: its inline styles would be refused by the hub's policy, and what names say would be markup.
      const hint = {
        trigger: 'axis' as const,
        renderMode: 'richText' as const,
        confine: true,
        backgroundColor: p.surface,
        borderColor: p['line-strong'],
        textStyle: { color: p.ink, fontSize: 13 },
      };
      chart.setOption({
        animation: false,
        color: seriesColours[mode],
        textStyle: { fontFamily, color: p.ink2 },
        grid: { left: 8, right: 12, top: 30, bottom: 4, containLabel: true },
        legend: { top: 0, textStyle: { color: p.ink2 }, itemWidth: 12, itemHeight: 8, type: 'scroll' },
        ...option,
        tooltip: option.tooltip === undefined ? hint : { ...hint, ...option.tooltip },
        xAxis: dress(option.xAxis),
        yAxis: dress(option.yAxis),
      });
      chart.on('click', (event) => pick.current?.(String(event.name), String(event.seriesName ?? '')));
      const observer = new ResizeObserver(() => chart.resize());
      observer.observe(element);
      stop = () => {
        observer.disconnect();
        chart.dispose();
      };
    });
    return () => {
      stopped = true;
      stop();
    };
  }, [option, mode]);
  return <div ref={box} style={{ height }} role="img" aria-label={label} />;
}
