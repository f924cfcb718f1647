/** A cockpit's declaration and its figures, kept new by server-sent events. */
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { ask, type Cockpit, type Figure } from './wire.ts';

export type { Cockpit, Figure, Grid, Measure, Panel } from './wire.ts';

/** `live`: events come; `lost`: the hub is not heard, the browser tries again. */
export type Line = 'opening' | 'live' | 'lost';

/** The cockpit, asked for once; its figures come by `useFigures`. */
export function useCockpit(scenario: string) {
  return useQuery({
    queryKey: ['cockpits', scenario],
    queryFn: ({ signal }) => ask<Cockpit>(`/${encodeURIComponent(scenario)}`, { signal }),
    staleTime: 60_000,
  });
}

/** Figures by key as they are now, and whether the hub is heard. */
export function useFigures(cockpit: Cockpit | undefined): { figures: ReadonlyMap<string, Figure>; line: Line } {
  const [figures, setFigures] = useState<ReadonlyMap<string, Figure>>(new Map());
  const [line, setLine] = useState<Line>('opening');
  const id = cockpit?.id;
  useEffect(() => {
    if (cockpit) setFigures(new Map(cockpit.figures.map((f) => [f.key, f])));
  }, [cockpit]);
  useEffect(() => {
    if (!id) return;
    const source = new EventSource(`/api/v1/cockpits/${encodeURIComponent(id)}/stream`);
    source.addEventListener('open', () => setLine('live'));
    source.addEventListener('error', () => setLine('lost'));
    source.addEventListener('figures', (event) => {
      const told = JSON.parse((event as MessageEvent<string>).data) as Figure[];
      setLine('live');
      setFigures((before) => new Map([...before, ...told.map((f) => [f.key, f] as const)]));
    });
    return () => source.close();
  }, [id]);
  return { figures, line };
}

/** The time, every few seconds: ages grow without anything being told. */
export function useNow(every = 5000): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}
