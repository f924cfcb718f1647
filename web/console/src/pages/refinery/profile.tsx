/** What the values of a class look like: fill, distinct values, shapes, ranges, top values, drift against the last run. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type Answer, ApiProblem, api } from '../../api/client.ts';
import { ChoiceFilter, Filters } from '../../components/filters.tsx';
import { Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { full, instant, percent } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { Cell } from '../credit/cell.tsx';
import { useClasses } from './shared.ts';

type FieldProfile = Answer<'/api/v1/refinery/profile/{source}'>['fields'][number];

export default function Profile() {
  const { t, say } = useSpeech();
  const url = useUrlState();
  const classes = useClasses();
  const source = url.get('source');
  const run = url.get('run');
  const profile = useQuery({
    queryKey: ['refinery', 'profile', source, run],
    queryFn: ({ signal }) =>
      api.get('/api/v1/refinery/profile/{source}', { params: { source }, query: { run }, signal }),
    enabled: source !== '',
    placeholderData: keepPreviousData,
  });
  const runs = profile.data?.runs ?? [];
  // Nothing was refined yet: not a fault, only not there.
  const absent = profile.error instanceof ApiProblem && profile.error.body.status === 404;
  return (
    <Page title={t('titles.profile')} lead={t('refinery.profile.lead')}>
      <Filters keys={['source', 'run', 'field']}>
        <ChoiceFilter name="source" label={t('refinery.class')} choices={classes.choices} width={280} />
        {runs.length ? (
          <ChoiceFilter
            name="run"
            label={t('exchange.run.number')}
            otherwise={String(profile.data?.run ?? '')}
            width={220}
            choices={runs.map((one) => ({ value: String(one.run), label: `#${one.run} · ${instant(one.finished)}` }))}
          />
        ) : null}
      </Filters>
      {source === '' ? (
        classes.items.length ? (
          <Panel title={t('refinery.profile.choose')} flush>
            <DataTable
              caption={t('refinery.profile.choose')}
              rows={classes.items}
              rowKey={(row) => row.source}
              columns={[
                {
                  key: 'title',
                  title: t('refinery.class'),
                  head: true,
                  render: (row) => (
                    <button type="button" className="link-button" onClick={() => url.set({ source: row.source })}>
                      {say(row.title)}
                    </button>
                  ),
                },
                {
                  key: 'source',
                  title: t('exchange.source-id'),
                  render: (row) => <span className="mono quiet">{row.source}</span>,
                },
                { key: 'rows', title: t('common.rows'), align: 'end', render: (row) => full(row.rows) },
                {
                  key: 'linked',
                  title: t('refinery.profile.linked'),
                  align: 'end',
                  render: (row) =>
                    row.linked + row.unlinked ? percent(row.linked / (row.linked + row.unlinked), 2) : '—',
                },
                {
                  key: 'quality',
                  title: t('refinery.quality.score'),
                  align: 'end',
                  render: (row) => percent(row.quality, 2),
                },
              ]}
            />
          </Panel>
        ) : (
          <div className="panel">
            <Empty title={t('refinery.profile.empty')}>{t('refinery.profile.empty-text')}</Empty>
          </div>
        )
      ) : absent ? (
        <div className="panel">
          <Empty title={t('refinery.profile.empty')}>{t('refinery.profile.empty-text')}</Empty>
        </div>
      ) : (
        <Loaded query={profile}>
          {(data) =>
            data.fields.length === 0 ? (
              <div className="panel">
                <Empty title={t('refinery.profile.empty')}>{t('refinery.profile.empty-text')}</Empty>
              </div>
            ) : (
              <div className="profile-grid">
                {data.fields.map((field) => (
                  <FieldCard key={field.field} field={field} marked={url.get('field') === field.field} />
                ))}
              </div>
            )
          }
        </Loaded>
      )}
    </Page>
  );
}

function FieldCard({ field, marked }: { field: FieldProfile; marked: boolean }) {
  const { t, say } = useSpeech();
  const fill = field.rows ? field.filled / field.rows : 0;
  const flagged = field.rows ? field.flagged / field.rows : 0;
  const most = Math.max(1, ...field.top.map((one) => one.rows));
  return (
    <article className={marked ? 'panel field-card marked' : 'panel field-card'}>
      <div className="panel-head">
        <h2>
          {say(field.title)} <span className="mono small quiet">{field.field}</span>
        </h2>
        <span className="row" style={{ gap: 6 }}>
          {field.drift !== null && field.drift > 0.25 ? (
            <Label tone="warn" title={t('refinery.profile.drift-text')}>
              {t('refinery.profile.drift', { n: field.drift.toFixed(2) })}
            </Label>
          ) : null}
          <Label>{t(`terms.type.${field.type}`, { defaultValue: field.type })}</Label>
          {field.protection === 'personal' || field.protection === 'sensitive' ? (
            <Label tone="warn">{t(`terms.protection.${field.protection}`)}</Label>
          ) : null}
        </span>
      </div>
      <div className="panel-body stack-s">
        <div>
          <div className="row spread small">
            <span>
              {t('refinery.profile.filled')} <b>{percent(fill, 1)}</b>
            </span>
            <span className={field.flagged ? 'warn-text' : 'quiet'}>
              {t('refinery.profile.flagged')} {full(field.flagged)}
            </span>
            <span>
              {t('refinery.profile.distinct')} <b>{full(field.distinct)}</b>
            </span>
          </div>
          <span className="bar" aria-hidden="true">
            <span style={{ width: `${Math.max(0, fill - flagged) * 100}%`, background: 'var(--jw-primary)' }} />
            <span style={{ width: `${flagged * 100}%`, background: 'var(--jw-weft)' }} />
          </span>
        </div>
        <dl className="small field-range">
          <div>
            <dt>{t('refinery.profile.min')}</dt>
            <dd>
              <Cell cell={field.min} />
            </dd>
          </div>
          <div>
            <dt>{t('refinery.profile.max')}</dt>
            <dd>
              <Cell cell={field.max} />
            </dd>
          </div>
          <div>
            <dt>{t('refinery.profile.length')}</dt>
            <dd>{field.minLength === null ? '—' : `${field.minLength} – ${field.maxLength}`}</dd>
          </div>
        </dl>
        {field.top.length ? (
          <div>
            <h3 className="small quiet">{t('refinery.profile.top')}</h3>
            <ul className="tops">
              {field.top.slice(0, 5).map((one) => (
                <li key={`${one.value.value}-${one.rows}`}>
                  <span className="tops-value">
                    <Cell cell={one.value} />
                  </span>
                  <span className="bar" aria-hidden="true">
                    <span style={{ width: `${(one.rows / most) * 100}%`, background: 'var(--jw-info)' }} />
                  </span>
                  <span className="num small">{full(one.rows)}</span>
                </li>
              ))}
            </ul>
          </div>
        ) : null}
        {field.patterns.length ? (
          <div>
            <h3 className="small quiet">{t('refinery.profile.patterns')}</h3>
            <p className="row" style={{ gap: 6 }}>
              {field.patterns.slice(0, 6).map((one) => (
                <span key={one.pattern} className="label mono" title={full(one.rows)}>
                  {one.pattern}{' '}
                  <span className="quiet">{percent(field.sampled ? one.rows / field.sampled : null, 0)}</span>
                </span>
              ))}
            </p>
          </div>
        ) : null}
        {field.sampled < field.rows ? (
          <p className="small quiet">{t('refinery.profile.sampled', { n: full(field.sampled) })}</p>
        ) : null}
      </div>
    </article>
  );
}
