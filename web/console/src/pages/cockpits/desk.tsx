/** A cockpit on the desk and on the phone: the same panels, one below the other, refreshed by themselves. */
import { DesktopOutlined } from '@ant-design/icons';
import { Link, useParams } from '@tanstack/react-router';
import { Page, useTabTitle } from '../../components/page.tsx';
import { Loaded } from '../../components/states.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { type Cockpit, type Line, useCockpit, useFigures, useNow } from './live.ts';
import { ExerciseBand, Lead, PanelOf, viewOf } from './panels.tsx';

export default function Desk() {
  const { scenario } = useParams({ strict: false }) as { scenario: string };
  const { t, say } = useSpeech();
  const query = useCockpit(scenario);
  useTabTitle(query.data ? say(query.data.title) : undefined);
  return (
    <Loaded query={query} heading={t('titles.cockpit')}>
      {(cockpit) => <Opened cockpit={cockpit} key={cockpit.id} />}
    </Loaded>
  );
}

function Opened({ cockpit }: { cockpit: Cockpit }) {
  const { t, say } = useSpeech();
  const { figures, line } = useFigures(cockpit);
  const now = useNow();
  const view = viewOf(cockpit, figures, now);
  return (
    <Page
      title={say(cockpit.title)}
      lead={<Lead view={view} />}
      back={{ to: '/cockpits', label: t('titles.cockpits') }}
      actions={
        <>
          <LineMark line={line} />
          <Link to="/cockpits/$scenario/screen" params={{ scenario: cockpit.id } as never} className="ck-screen-link">
            <DesktopOutlined aria-hidden="true" /> {t('cockpits.to-screen')}
          </Link>
        </>
      }
    >
      <ExerciseBand view={view} />
      <div className="ck-desk">
        {cockpit.desk.map(({ panel, width }) => (
          <PanelOf
            key={panel}
            view={view}
            id={panel}
            style={{ gridColumn: `span ${width}`, order: 0, ['--ck-phone' as string]: cockpit.phone.indexOf(panel) }}
          />
        ))}
      </div>
      <p className="ck-question quiet">
        {say(cockpit.question)} · {say(cockpit.ownerName)} · {say(cockpit.audience)}
      </p>
    </Page>
  );
}

/** Whether the hub is heard. */
export function LineMark({ line }: { line: Line }) {
  const { t } = useSpeech();
  return (
    <span className={`ck-live-mark ${line}`} role="status">
      <i aria-hidden="true" /> {t(`cockpits.line-${line}`)}
    </span>
  );
}
