/**
 * The collect pages' state: the person's store on this phone (locked, open), what it holds, what is being sent, whether the hub can be reached.
 * Sends when the network is back, when something was handed in, when the page is looked at again, and by hand.
 */
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useRef, useState } from 'react';
import type { ApiProblem } from '../../../api/client.ts';
import { useSession } from '../../../session/session.tsx';
import { mayWorkOffline } from './crypto.ts';
import type { Draft, Pulled, Sent, Waiting } from './model.ts';
import { pull } from './pull.ts';
import { hurried } from './queue.ts';
import { type Progress, type RoundEnd, sendAll } from './sender.ts';
import { type CollectStore, findStore, type LockedStore } from './store.ts';
import { startWorker } from './worker.ts';

export interface Held {
  drafts: Draft[];
  waiting: Waiting[];
  sent: Sent[];
  pulled: Pulled | null;
}

export interface Collect {
  state: 'opening' | 'locked' | 'open' | 'impossible';
  /** Why it could not be opened at all. */
  fault: unknown;
  unlock(pin: string): Promise<void>;
  store: CollectStore | null;
  held: Held;
  /** Reads the store anew. */
  refresh(): Promise<void>;
  online: boolean;
  progress: Progress | null;
  sending: boolean;
  lastRound: RoundEnd | null;
  /** Sends what waits, and fetches what is new. */
  send(): Promise<void>;
  pulling: boolean;
  pullFault: ApiProblem | null;
  fetchNew(): Promise<void>;
}

const nothing: Held = { drafts: [], waiting: [], sent: [], pulled: null };
const Context = createContext<Collect | null>(null);

export function useCollect(): Collect {
  const collect = useContext(Context);
  if (!collect) throw new Error('useCollect outside CollectProvider');
  return collect;
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

// The key stays in this page's memory while it is open, so that going from page to page asks for no PIN.
let opened: { user: string; store: CollectStore } | null = null;

/** Forgets the opened store: signed out, or somebody else is here. */
function closeStore(): void {
  opened?.store.close();
  opened = null;
}
addEventListener('jingwei.signed-out', closeStore);

export function CollectProvider({ children }: { children: ReactNode }) {
  const { me } = useSession();
  const user = me.user.id;
  if (opened && opened.user !== user) closeStore();
  const [store, setStore] = useState<CollectStore | null>(opened?.store ?? null);
  const [locked, setLocked] = useState<LockedStore | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  const [held, setHeld] = useState<Held>(nothing);
  const [progress, setProgress] = useState<Progress | null>(null);
  const [sending, setSending] = useState(false);
  const [lastRound, setLastRound] = useState<RoundEnd | null>(null);
  const [pulling, setPulling] = useState(false);
  const [pullFault, setPullFault] = useState<ApiProblem | null>(null);
  const online = useOnline();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  useEffect(() => {
    if (!mayWorkOffline()) return;
    startWorker();
    if (opened) return;
    let gone = false;
    const find = async () => {
      const found = await findStore(user);
      if (gone) return;
      if (found.pin) setLocked(found);
      else {
        const free = await found.open(null);
        opened = { user, store: free };
        if (!gone) setStore(free);
      }
    };
    find().catch((error) => !gone && setFault(error));
    return () => {
      gone = true;
    };
  }, [user]);

  const refresh = useCallback(async () => {
    if (!store) return;
    const [drafts, waiting, sent, pulled] = await Promise.all([
      store.drafts(),
      store.waiting(),
      store.sent(),
      store.pulled(),
    ]);
    setHeld({ drafts, waiting, sent, pulled });
  }, [store]);

  const fetchNew = useCallback(async () => {
    if (!store) return;
    setPulling(true);
    try {
      await store.putPulled(await pull(await store.pulled()));
      setPullFault(null);
    } catch (error) {
      setPullFault(error as ApiProblem);
    } finally {
      setPulling(false);
      await refresh();
    }
  }, [store, refresh]);

  const busy = useRef(false);
  const go = useCallback(
    async (force: boolean) => {
      if (!store || busy.current) return;
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

  // Opened: shows what is there, then fetches what is new and sends what waits.
  useEffect(() => {
    if (!store) return;
    void refresh();
    if (navigator.onLine) void fetchNew().then(() => go(false));
    return () => clearTimeout(timer.current);
  }, [store, refresh, fetchNew, go]);

  useEffect(() => {
    if (!store) return;
    const back = () => void go(true).then(fetchNew);
    const seen = () => document.visibilityState === 'visible' && navigator.onLine && void go(false);
    const told = (event: MessageEvent<{ kind?: string }>) => event.data?.kind === 'send' && void go(true);
    addEventListener('online', back);
    document.addEventListener('visibilitychange', seen);
    navigator.serviceWorker?.addEventListener('message', told);
    return () => {
      removeEventListener('online', back);
      document.removeEventListener('visibilitychange', seen);
      navigator.serviceWorker?.removeEventListener('message', told);
    };
  }, [store, go, fetchNew]);

  const value = useMemo<Collect>(
    () => ({
      state: !mayWorkOffline() || fault ? 'impossible' : store ? 'open' : locked ? 'locked' : 'opening',
      fault,
      unlock: async (pin) => {
        if (!locked) return;
        const free = await locked.open(pin);
        opened = { user, store: free };
        setStore(free);
        setLocked(null);
      },
      store,
      held,
      refresh,
      online,
      progress,
      sending,
      lastRound,
      send: () => go(true),
      pulling,
      pullFault,
      fetchNew,
    }),
    [fault, store, locked, user, held, refresh, online, progress, sending, lastRound, go, pulling, pullFault, fetchNew],
  );
  return <Context value={value}>{children}</Context>;
}
