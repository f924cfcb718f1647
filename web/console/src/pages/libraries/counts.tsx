/** Who and what there is in an area: figures, and people by age band and sex; small groups are kept back by the hub. */
import { useQuery } from '@tanstack/react-query';
import { Fragment } from 'react';
import { type Answer, api } from '../../api/client.ts';
import { Figure, Num } from '../../components/figure.tsx';
import { Panel } from '../../components/page.tsx';
import { full } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';

type Counts = Answer<'/api/v1/libraries/base/{library}/entities/{entity}/counts'>;

/** Libraries whose entities are areas. */
export const isArea = (library: string): boolean => ['division', 'grid', 'road'].includes(library);

export function CountsPanel({ library, entity }: { library: string; entity: string }) {
  const { t } = useSpeech();
  const query = useQuery({
    queryKey: ['libraries', 'base', library, 'counts', entity],
    queryFn: ({ signal }) =>
      api.get('/api/v1/libraries/base/{library}/entities/{entity}/counts', { params: { library, entity }, signal }),
    enabled: isArea(library),
  });
  const data = query.data;
  if (!data || data.buildings === 0) return null;
  return (
    <Panel
      title={t('base.counts')}
      extra={data.persons.suppressed ? <span className="quiet">{t('base.suppressed')}</span> : null}
    >
      <div className="stack-s">
        <div className="figures">
          <Figure label={t('base.counts-persons')}>
            {data.persons.total === null ? t('base.fewer') : <Num value={data.persons.total} exact />}
          </Figure>
          {(['buildings', 'dwellings', 'enterprises', 'places'] as const).map((name) => (
            <Figure key={name} label={t(`base.counts-${name}`)}>
              <Num value={data[name]} exact />
            </Figure>
          ))}
        </div>
        {data.persons.total === 0 ? null : <Bands bands={data.persons.bands} />}
      </div>
    </Panel>
  );
}

function Bands({ bands }: { bands: Counts['persons']['bands'] }) {
  const { t } = useSpeech();
  const most = Math.max(1, ...bands.flatMap((b) => [b.men ?? 0, b.women ?? 0]));
  const bar = (n: number | null, sex: 'men' | 'women') => (
    <>
      <span className={`bar ${sex}`} aria-hidden="true">
        <i style={{ width: `${(100 * (n ?? 0)) / most}%` }} />
      </span>
      <span className="num">{n === null ? t('base.hidden') : full(n)}</span>
    </>
  );
  return (
    <div className="area-bars">
      <span className="head">{t('base.age')}</span>
      <span className="head">{t('base.men')}</span>
      <span />
      <span className="head">{t('base.women')}</span>
      <span />
      {bands.map((b) => (
        <Fragment key={b.from}>
          <span className="nowrap">
            {b.from < 0
              ? t('base.age-unknown')
              : b.to === null
                ? t('base.age-from', { n: b.from })
                : `${b.from}–${b.to - 1}`}
          </span>
          {bar(b.men, 'men')}
          {bar(b.women, 'women')}
        </Fragment>
      ))}
    </div>
  );
}
