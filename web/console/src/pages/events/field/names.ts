/** Names out of what the phone keeps, so that they are there without a network too. */
import { useSpeech } from '../../../i18n/index.ts';
import type { CityEvent } from '../shared.tsx';
import { useField } from './field.tsx';

export function useKept() {
  const { t, say } = useSpeech();
  const { held } = useField();
  const c = held.pulled?.catalogue;
  const town = (code: string | null) => c?.towns.find((x) => x.code === code)?.name ?? '';
  return {
    matter: (id: string | null) => (id ? say(c?.matters.find((m) => m.id === id)?.title) || id : t('events.no-matter')),
    organisation: (id: string | null) => say(c?.organisations.find((o) => o.id === id)?.name) || (id ?? ''),
    state: (id: string) => say(c?.states[id]) || id,
    place: (e: Pick<CityEvent, 'town' | 'address' | 'longitude'>) => {
      const address = e.address ?? '';
      const words = address.includes(town(e.town)) ? address : [town(e.town), address].filter(Boolean).join(' ');
      return words || t(e.longitude === null ? 'events.no-place' : 'events.only-point');
    },
    /** The same event with its limit as it is at this moment. */
    now: <T extends Pick<CityEvent, 'due' | 'late'>>(e: T): T & { minutesLeft: number | null } => {
      const left = e.due ? Math.round((Date.parse(e.due) - Date.now()) / 60_000) : null;
      return { ...e, minutesLeft: left, late: e.late || (left !== null && left < 0) };
    },
  };
}
