/** A control of a form with its name above it, and the grid that such fields stand in. */
import type { ReactNode } from 'react';

export function Field({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="stack-s" style={{ minInlineSize: 0, alignContent: 'start' }}>
      <span className="small">{label}</span>
      {children}
    </div>
  );
}

/** The clock of the city, wherever the browser stands, as a field of date and time holds it. */
export const wall = (at: number): string => new Date(at + 8 * 3_600_000).toISOString().slice(0, 16);

export const fieldGrid = {
  display: 'grid',
  gap: 12,
  gridTemplateColumns: 'repeat(auto-fill, minmax(min(100%, 200px), 1fr))',
} as const;
