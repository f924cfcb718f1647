/**
 * A cockpit on a wall: designed at 1920 × 1080 and at 3840 × 1080, scaled as a whole by `transform`. Without the console's frame; arrows turn
 * to the next cockpit, P lets them take turns, L changes the layer of the map, Escape leads back to the desk.
 */
import { useNavigate, useParams } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useTabTitle } from '../../components/page.tsx';
import { Loaded } from '../../components/states.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { useTheme } from '../../theme/mode.tsx';
import { palettes } from '../../theme/tokens.ts';
import { LineMark } from './desk.tsx';
import { type Cockpit, type Grid, useCockpit, useFigures, useNow } from './live.ts';
import { ExerciseBand, Lead, PanelOf, useMinute, viewOf } from './panels.tsx';

/** Seconds that each cockpit stands while they take turns. */
const TURN = 30;
/** From this proportion on a wall is a wide one. */
const WIDE = 2.6;

export default function Screen() {
  const { scenario } = useParams({ strict: false }) as { scenario: string };
  const { t, say } = useSpeech();
  const query = useCockpit(scenario);
  useTabTitle(query.data ? say(query.data.title) : undefined);
  const url = useUrlState();
  const { mode } = useTheme();
  // A wall is dark unless it is told to follow the console.
  const palette = palettes[url.get('theme') === 'console' ? mode : url.get('theme') === 'light' ? 'light' : 'dark'];
  const variables = Object.fromEntries(Object.entries(palette).map(([name, value]) => [`--jw-${name}`, value]));
  return (
    <div className="ck-wall" style={variables as React.CSSProperties}>
      <Loaded query={query} heading={t('titles.cockpit-screen')}>
        {(cockpit) => <Wall cockpit={cockpit} key={cockpit.id} />}
      </Loaded>
    </div>
  );
}

function useScale(): { width: number; scale: number } {
  const measure = () => {
    const width = window.innerWidth / window.innerHeight >= WIDE ? 3840 : 1920;
    return { width, scale: Math.min(window.innerWidth / width, window.innerHeight / 1080) };
  };
  const [scale, setScale] = useState(measure);
  useEffect(() => {
    const again = () => setScale(measure());
    window.addEventListener('resize', again);
    return () => window.removeEventListener('resize', again);
  });
  return scale;
}

function Wall({ cockpit }: { cockpit: Cockpit }) {
  const { t, say } = useSpeech();
  const { figures, line } = useFigures(cockpit);
  const now = useNow();
  const time = useMinute();
  const view = viewOf(cockpit, figures, now);
  const { width, scale } = useScale();
  const url = useUrlState();
  const navigate = useNavigate();
  const turning = url.number('turn', 0);
  const grid: Grid = width === 3840 ? cockpit.wide : cockpit.screen;
  const here = cockpit.others.findIndex((o) => o.id === cockpit.id);
  const go = (by: number) => {
    const next = cockpit.others[(here + by + cockpit.others.length) % cockpit.others.length];
    if (next)
      void navigate({
        to: '/cockpits/$scenario/screen',
        params: { scenario: next.id } as never,
        search: ((s: Record<string, unknown>) => ({ ...s, layer: undefined })) as never,
        replace: true,
      });
  };
  useEffect(() => {
    const key = (e: KeyboardEvent) => {
      if (e.ctrlKey || e.metaKey || e.altKey) return;
      if (e.key === 'ArrowRight') go(1);
      else if (e.key === 'ArrowLeft') go(-1);
      else if (e.key === 'p' || e.key === 'P') url.set({ turn: turning ? undefined : TURN }, { replace: true });
      else if (e.key === 'l' || e.key === 'L') {
        const layers = cockpit.panels.map?.of ?? [];
        const at = layers.indexOf(url.get('layer'));
        url.set({ layer: layers[(Math.max(at, 0) + 1) % layers.length] }, { replace: true });
      } else if (e.key === 'Escape')
        void navigate({ to: '/cockpits/$scenario', params: { scenario: cockpit.id } as never });
    };
    window.addEventListener('keydown', key);
    return () => window.removeEventListener('keydown', key);
  });
  useEffect(() => {
    if (!turning) return;
    const timer = setTimeout(() => go(1), Math.max(5, turning) * 1000);
    return () => clearTimeout(timer);
  });
  const areas = grid.areas.map((a) => `"${a}"`).join(' ');
  return (
    <div
      className={width === 3840 ? 'ck-stage wide' : 'ck-stage'}
      style={{ width, height: 1080, transform: `translate(-50%, -50%) scale(${scale})` }}
    >
      <header className="ck-stage-head">
        <h1>{say(cockpit.title)}</h1>
        <p>
          <Lead view={view} />
        </p>
        <ExerciseBand view={view} />
        <LineMark line={line} />
        <time className="num">{time}</time>
        <nav aria-label={t('cockpits.turns')}>
          <button type="button" onClick={() => go(-1)} aria-label={t('cockpits.previous')}>
            ‹
          </button>
          <button
            type="button"
            aria-pressed={turning > 0}
            onClick={() => url.set({ turn: turning ? undefined : TURN }, { replace: true })}
          >
            {turning ? t('cockpits.turning', { seconds: turning }) : t('cockpits.turn')}
          </button>
          <button type="button" onClick={() => go(1)} aria-label={t('cockpits.next')}>
            ›
          </button>
          <button
            type="button"
            onClick={() => void navigate({ to: '/cockpits/$scenario', params: { scenario: cockpit.id } as never })}
          >
            {t('cockpits.leave')}
          </button>
        </nav>
      </header>
      <div
        className="ck-grid"
        style={{
          gridTemplateColumns: grid.columns.map((n) => `minmax(0, ${n}fr)`).join(' '),
          gridTemplateRows: grid.rows.map((n) => `minmax(0, ${n}fr)`).join(' '),
          gridTemplateAreas: areas,
        }}
      >
        {Object.keys(cockpit.panels).map((id) => (
          <PanelOf key={id} view={view} id={id} style={{ gridArea: id }} />
        ))}
      </div>
    </div>
  );
}
