/** How elements are told in short. */
import type { Answer } from '../../api/client.ts';
import { Label } from '../../components/page.tsx';
import { useSpeech } from '../../i18n/index.ts';

export type Element = Answer<'/api/v1/elements'>['items'][number];

/** Type, length and unit in one line: 文本 · 18 字. */
export function formOf(e: Element, t: (key: string, values?: Record<string, unknown>) => string): string {
  const length = e.length
    ? e.length.min === e.length.max
      ? t('elements.characters', { n: e.length.max })
      : t('elements.characters', { n: `${e.length.min}–${e.length.max}` })
    : null;
  return [t(`elements.type-${e.type}`), length, e.unit].filter(Boolean).join(' · ');
}

export function StatusLabel({ status }: { status: Element['status'] }) {
  const { t } = useSpeech();
  const tones = { standard: 'good', draft: 'info', retired: 'warn' } as const;
  return <Label tone={tones[status]}>{t(`elements.status-${status}`)}</Label>;
}
