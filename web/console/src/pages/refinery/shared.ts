import { useQuery } from '@tanstack/react-query';
import { type Answer, api } from '../../api/client.ts';
import type { Choice } from '../../components/filters.tsx';
import { useSpeech } from '../../i18n/index.ts';

/** The six dimensions of GB/T 36344, in the standard's order. */
export const dimensions = [
  'conformance',
  'completeness',
  'accuracy',
  'consistency',
  'timeliness',
  'accessibility',
] as const;
export type Dimension = (typeof dimensions)[number];

export type ClassItem = Answer<'/api/v1/refinery/classes'>['items'][number];
export type QualityLine = Answer<'/api/v1/refinery/quality'>['items'][number];

/** The classes that the refinery knows, as choices of a filter. */
export function useClasses(): { items: ClassItem[]; choices: Choice[] } {
  const { say } = useSpeech();
  const { data } = useQuery({
    queryKey: ['refinery', 'classes'],
    queryFn: ({ signal }) => api.get('/api/v1/refinery/classes', { signal }),
    staleTime: 30_000,
  });
  const items = data?.items ?? [];
  return { items, choices: items.map((item) => ({ value: item.source, label: say(item.title) })) };
}
