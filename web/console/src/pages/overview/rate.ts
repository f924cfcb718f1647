import { useEffect, useRef, useState } from 'react';

/** How fast a polled counter grows, a second, over the last eight seconds; 0 when it stands. */
export function useRate(value: number | undefined): number {
  const samples = useRef<{ at: number; value: number }[]>([]);
  const [rate, setRate] = useState(0);
  useEffect(() => {
    if (value === undefined) return;
    const now = performance.now();
    samples.current = [...samples.current.filter((s) => now - s.at < 8_000), { at: now, value }];
    const first = samples.current[0];
    if (first && now - first.at > 500) setRate(Math.max(0, ((value - first.value) * 1000) / (now - first.at)));
    // When nothing new comes for a while the counter stands.
    const timer = setTimeout(() => setRate(0), 10_000);
    return () => clearTimeout(timer);
  }, [value]);
  return rate;
}
