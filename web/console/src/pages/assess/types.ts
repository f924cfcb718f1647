import type { Answer } from '../../api/client.ts';

export type EnterpriseScore = Answer<'/api/v1/credit/score/enterprises/{entity}'>;
export type Reason = EnterpriseScore['reasons'][number];
export type WarningList = Answer<'/api/v1/credit/warnings'>;
export type WarningItem = WarningList['items'][number];
export type ChainsAnswer = Answer<'/api/v1/credit/chains/{entity}'>;
export type AnalysisAnswer = Answer<'/api/v1/credit/analysis'>;

/** What a grade tells at a glance. */
export function gradeTone(grade: string): 'good' | 'info' | 'warn' | 'bad' {
  if (grade.startsWith('A')) return grade === 'A' ? 'info' : 'good';
  return grade === 'B' ? 'warn' : 'bad';
}

/** Points with their sign. */
export const signed = (n: number): string => (n > 0 ? `+${n.toFixed(1)}` : n < 0 ? `−${Math.abs(n).toFixed(1)}` : '0');

/** A value as people read it: ratios in per cent, the rest with at most two places. */
export function valueText(value: number, unit: string): string {
  if (unit === '比率') return `${(value * 100).toFixed(1)}%`;
  return value.toLocaleString('en-US', { maximumFractionDigits: 2 });
}

/** The last part of a division's full name; anything else as it is. */
export const shortName = (name: string): string => name.replace(/^.*[省市区县](?=.{2,}$)/, '');
