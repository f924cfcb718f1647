/**
 * The field pages' state: the person's store on this phone, what it holds, whether the hub can be reached, what is being sent. Sends when the
 * network is back, when something was put into the queue, when the page is looked at again, and by hand.
 */
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useRef, useState } from 'react';
import { ApiProblem, api } from '../../../api/client.ts';
import { Page } from '../../../components/page.tsx';
import { Failure, Skeleton } from '../../../components/states.tsx';
import { useSpeech } from '../../../i18n/index.ts';
import { useSession } from '../../../session/session.tsx';
import { mayWorkOffline } from '../../forms/offline/crypto.ts';
import { hurried } from '../../forms/offline/queue.ts';
import type { Draft, Pulled, Sent, Waiting } from './model.ts';
import { operationOf } from './model.ts';
import { type RoundEnd, sendAll } from './sender.ts';
import { type FieldStore, openStore } from './store.ts';
import { startFieldWorker } from './worker.ts';

interface Held {
  waiting: Waiting[];
  sent: Sent[];
  pulled: Pulled | null;
}

export interface Field {
  store: FieldStore;
  held: Held;
  online: boolean;
  sending: boolean;
  progress: { key: string; done: number; all: number } | null;
  lastRound: RoundEnd | null;
  pullFault: ApiProblem | null;
  pulling: boolean;
  refresh(): Promise<void>;
  send(): Promise<void>;
  fetchNew(): Promise<void>;
  /** Puts a draft into the queue, and sends where there is a network. */
  handIn(draft: Draft, event: number | null, caption: string): Promise<void>;
}

const Context = createContext<Field | null>(null);

export function useField(): Field {
  const field = useContext(Context);
  if (!field) throw new Error('useField outside FieldGate');
  return field;
}

function useOnline(): boolean {
  const [online, setOnline] = useState(navigator.onLine);
  useEffect(() => {
    const listen = () => setOnline(navigator.onLine);
    addEventListener('online', listen);
    addEventListener('offline', listen);
    return () => {
      removeEventListener('online', listen);
      removeEventListener('offline', listen);
    };
  }, []);
  return online;
}

// Stays open in this page's memory, so that going from page to page opens nothing anew.
let opened: { user: string; store: FieldStore } | null = null;
function closeStore(): void {
  opened?.store.close();
  opened = null;
}
addEventListener('jingwei.signed-out', closeStore);

/** Opens the store of who is signed in; says why where a phone cannot keep anything. */
export function FieldGate({ title, children }: { title: string; children: ReactNode }) {
  const { t } = useSpeech();
  const { me } = useSession();
  const user = me.user.id;
  if (opened && opened.user !== user) closeStore();
  const [store, setStore] = useState<FieldStore | null>(opened?.store ?? null);
  const [fault, setFault] = useState<unknown>(null);
  useEffect(() => {
    if (!mayWorkOffline()) return;
    startFieldWorker();
    if (opened) return;
    let gone = false;
    openStore(user)
      .then((one) => {
        opened = { user, store: one };
        if (!gone) setStore(one);
      })
      .catch((error: unknown) => !gone && setFault(error));
    return () => {
      gone = true;
    };
  }, [user]);
  if (store && mayWorkOffline())
    return (
      <>
        {/* The pages may be put on the phone's home screen. */}
        <link rel="manifest" href="/field.webmanifest" />
        <Provider store={store}>{children}</Provider>
      </>
    );
  return (
    <Page title={title}>
      {!mayWorkOffline() || fault ? (
        <div className="stack-s">
          <p className="note warn">
            {t(globalThis.isSecureContext ? 'forms.collect.no-store' : 'forms.collect.no-https')}
          </p>
          {fault ? <Failure error={fault} /> : null}
        </div>
      ) : (
        <Skeleton rows={4} />
      )}
    </Page>
  );
}

function Provider({ store, children }: { store: FieldStore; children: ReactNode }) {
  const [held, setHeld] = useState<Held>({ waiting: [], sent: [], pulled: null });
  const [sending, setSending] = useState(false);
  const [progress, setProgress] = useState<Field['progress']>(null);
  const [lastRound, setLastRound] = useState<RoundEnd | null>(null);
  const [pulling, setPulling] = useState(false);
  const [pullFault, setPullFault] = useState<ApiProblem | null>(null);
  const online = useOnline();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const busy = useRef(false);

  const refresh = useCallback(async () => {
    const [waiting, sent, pulled] = await Promise.all([store.waiting(), store.sent(), store.pulled()]);
    setHeld({ waiting, sent, pulled });
  }, [store]);

  const fetchNew = useCallback(async () => {
    setPulling(true);
    try {
      const [tasks, catalogue] = await Promise.all([
        api.get('/api/v1/events/tasks'),
        api.get('/api/v1/events/catalogue'),
      ]);
      await store.putPulled({ ...tasks, catalogue, at: new Date().toISOString() });
      setPullFault(null);
    } catch (error) {
      if (error instanceof ApiProblem) setPullFault(error);
    } finally {
      setPulling(false);
      await refresh();
    }
  }, [store, refresh]);

  const go = useCallback(
    async (force: boolean) => {
      if (busy.current) return;
      busy.current = true;
      setSending(true);
      clearTimeout(timer.current);
      try {
        if (force) for (const item of hurried(await store.queue())) await store.mark(item);
        const end = await sendAll(store, setProgress, () => void refresh());
        setLastRound(end);
        if (end.sent > 0) await fetchNew();
        if (end.next !== null) timer.current = setTimeout(() => void go(false), Math.max(500, end.next - Date.now()));
      } finally {
        busy.current = false;
        setSending(false);
        setProgress(null);
        await refresh();
      }
    },
    [store, refresh, fetchNew],
  );

  useEffect(() => {
    void refresh();
    if (navigator.onLine) void fetchNew().then(() => go(false));
    return () => clearTimeout(timer.current);
  }, [refresh, fetchNew, go]);

  useEffect(() => {
    const back = () => void go(true).then(fetchNew);
    const seen = () => document.visibilityState === 'visible' && navigator.onLine && void go(false).then(fetchNew);
    const told = (event: MessageEvent<{ kind?: string }>) => event.data?.kind === 'send' && void go(true);
    addEventListener('online', back);
    document.addEventListener('visibilitychange', seen);
    navigator.serviceWorker?.addEventListener('message', told);
    return () => {
      removeEventListener('online', back);
      document.removeEventListener('visibilitychange', seen);
      navigator.serviceWorker?.removeEventListener('message', told);
    };
  }, [go, fetchNew]);

  const value = useMemo<Field>(
    () => ({
      ...{ store, held, online, sending, progress, lastRound, pulling, pullFault, refresh, fetchNew },
      send: () => go(true),
      handIn: async (draft, event, caption) => {
        const key = crypto.randomUUID();
        const at = new Date().toISOString();
        const operation = operationOf(draft, key, at, event);
        // Steps of one event keep their order; reports wait for nobody.
        const subject = event === null ? key : `event-${event}`;
        await store.handIn(subject, key, { operation, caption, at, pictures: draft.pictures, draft });
        await refresh();
        if (navigator.onLine) void go(false);
      },
    }),
    [store, held, online, sending, progress, lastRound, pulling, pullFault, refresh, fetchNew, go],
  );
  return <Context value={value}>{children}</Context>;
}
