/** What the pages of command have in common: levels, marks of exercises, acts that are done once, the live stream of an operation. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { type Answer, api, urlOf } from '../../api/client.ts';
import { Label } from '../../components/page.tsx';
import { useSpeech } from '../../i18n/index.ts';
import './command.css';

export type Board = Answer<'/api/v1/command/board'>;
export type Operation = Answer<'/api/v1/command/operations/{id}'>;
export type Task = Operation['tasks'][number];
export type LogEntry = Operation['log'][number];
export type Shape = Operation['shapes'][number];
export type Resource = Operation['resources'][number];

/** I to IV as people write them; the place in the list is the number. */
export const romans = ['', 'I', 'II', 'III', 'IV'] as const;
/** A name for an act, so that sending it twice does it once. */
export const newKey = (): string => crypto.randomUUID();

/** A level in its colour of warning: IV blue, III yellow, II orange, I red, always with its words. */
export function Level({ level }: { level: number }) {
  const { t } = useSpeech();
  return <span className={`command-level l${level}`}>{t('command.level-n', { n: romans[level] })}</span>;
}

/** What is an exercise says so wherever it is shown. */
export function Exercise({ of }: { of: boolean }) {
  const { t } = useSpeech();
  return of ? <span className="command-exercise">{t('command.exercise')}</span> : null;
}

const tones = {
  waiting: undefined,
  sent: 'info',
  acknowledged: 'primary',
  working: 'primary',
  done: 'good',
  refused: 'bad',
  cancelled: undefined,
} as const;

export function TaskState({ task }: { task: Pick<Task, 'state' | 'late' | 'unacknowledged'> }) {
  const { t } = useSpeech();
  const open = ['sent', 'acknowledged', 'working'].includes(task.state);
  return (
    <span className="row" style={{ gap: 4 }}>
      <Label tone={tones[task.state]}>{t(`command.task-state.${task.state}`)}</Label>
      {open && task.late ? <Label tone="bad">{t('command.late')}</Label> : null}
      {open && task.unacknowledged ? <Label tone="warn">{t('command.unacknowledged')}</Label> : null}
    </span>
  );
}

/** The present moment, moved on every second: clocks of operations and limits. */
export function useNow(every = 1000): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}

/** Hours, minutes and seconds since an instant: `03:12:45`. */
export function clock(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000));
  const two = (n: number) => String(n).padStart(2, '0');
  return `${two(Math.floor(s / 3600))}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
}

/** One operation, asked again whenever its log goes on. */
export function useOperation(id: number) {
  return useQuery({
    queryKey: ['command', 'operation', id],
    queryFn: ({ signal }) => api.get('/api/v1/command/operations/{id}', { params: { id }, signal }),
  });
}

/** An act: its key is made once for each intent, so that a second press or a broken line changes nothing. */
export function useAct<V>(work: (value: V, key: string) => Promise<unknown>, after?: () => void) {
  const client = useQueryClient();
  const { message } = App.useApp();
  const { t } = useSpeech();
  const key = useRef(newKey());
  return useMutation({
    mutationFn: (value: V) => work(value, key.current),
    onSuccess: () => {
      key.current = newKey();
      void message.success(t('command.done'));
      after?.();
      return client.invalidateQueries({ queryKey: ['command'] });
    },
  });
}

/** Somebody at a seat. */
export interface Seat {
  seat: string;
  name: string;
  organisation: string | null;
}

/**
 * Follows an operation's stream: every entry asks for the operation anew (gathered, so that a burst asks once); presence as it
 * changes. The browser reconnects by itself with the number of the last entry.
 */
export function useSeat(id: number, after: number | undefined): { seats: Seat[]; live: boolean } {
  const client = useQueryClient();
  const [seats, setSeats] = useState<Seat[]>([]);
  const [live, setLive] = useState(false);
  const begun = after !== undefined;
  const first = useRef(after);
  first.current ??= after;
  useEffect(() => {
    if (!begun) return;
    const seat = crypto.randomUUID();
    const source = new EventSource(
      urlOf('/api/v1/command/operations/{id}/stream', { id }, { seat, after: first.current ?? 0 }),
      { withCredentials: true },
    );
    let timer: ReturnType<typeof setTimeout> | undefined;
    source.onopen = () => setLive(true);
    source.onerror = () => setLive(false);
    source.addEventListener('presence', (e) => setSeats(JSON.parse((e as MessageEvent<string>).data) as Seat[]));
    source.addEventListener('entry', () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        void client.invalidateQueries({ queryKey: ['command', 'operation', id] });
      }, 150);
    });
    return () => {
      clearTimeout(timer);
      source.close();
    };
  }, [id, begun, client]);
  return { seats, live };
}
