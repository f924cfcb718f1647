/** 基础库 on the start page: how many of each there are, and how whole they are; each leads to its library. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api } from '../../api/client.ts';
import { Num } from '../../components/figure.tsx';
import { Panel } from '../../components/page.tsx';
import { percent } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';

/** `legalPersons`: entities of the library of legal persons, which is not a declared one; `interval`: milliseconds between looks. */
export function Bases({ legalPersons, interval }: { legalPersons: number; interval: number }) {
  const { t, say } = useSpeech();
  const { may } = useSession();
  const query = useQuery({
    queryKey: ['libraries', 'base'],
    queryFn: ({ signal }) => api.get('/api/v1/libraries/base', { signal }),
    refetchInterval: interval,
  });
  if (!query.data || query.data.libraries.every((library) => library.entities === 0)) return null;
  return (
    <Panel title={t('overview.bases')} extra={<Link to="/libraries">{t('overview.bases-open')}</Link>}>
      <ul className="bases">
        <li>
          <Tile
            name={t('overview.entities')}
            count={legalPersons}
            {...(may('credit.search') ? { to: '/credit/search' } : {})}
          />
        </li>
        {query.data.libraries.map((library) => (
          <li key={library.library}>
            <Tile
              name={say(library.title)}
              count={library.entities}
              quality={library.quality}
              {...(library.open ? { to: `/libraries/${library.library}` } : {})}
            />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Tile({ name, count, quality, to }: { name: string; count: number; quality?: number | null; to?: string }) {
  const { t } = useSpeech();
  return (
    <>
      {to ? <Link to={to as never}>{name}</Link> : <span>{name}</span>}
      <b>
        <Num value={count} />
      </b>
      <small className="quiet">
        {quality === undefined || quality === null
          ? t('overview.bases-credit')
          : t('overview.bases-whole', { share: percent(quality, 1) })}
      </small>
    </>
  );
}
