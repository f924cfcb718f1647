/** 考核办法: every registered version, readable, with what it changed and why. */
import { useQuery } from '@tanstack/react-query';
import { type Answer, api } from '../../api/client.ts';
import { Fact, Facts, Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { Hash } from '../../components/value.tsx';
import { instant } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { Faults } from './board.tsx';
import { measured } from './shared.tsx';

type Version = Answer<'/api/v1/assessment/formula'>['schemes'][number]['versions'][number];

export default function Formula() {
  const { t } = useSpeech();
  const formula = useQuery({
    queryKey: ['assessment', 'formula'],
    queryFn: ({ signal }) => api.get('/api/v1/assessment/formula', { signal }),
  });
  return (
    <Page title={t('titles.assessment-formula')} lead={t('assessment.formula-lead')}>
      <Loaded query={formula}>
        {(data) => (
          <div className="stack">
            <Faults faults={data.faults} />
            {data.schemes.length === 0 ? <Empty title={t('assessment.none')}>{t('assessment.none-text')}</Empty> : null}
            {data.schemes.flatMap((s) =>
              s.versions.map((v) => <VersionPanel key={`${s.scheme} ${v.version}`} version={v} />),
            )}
          </div>
        )}
      </Loaded>
    </Page>
  );
}

function VersionPanel({ version: v }: { version: Version }) {
  const { t, say } = useSpeech();
  return (
    <Panel
      title={`${say(v.title)} · ${v.edition}`}
      extra={
        <>
          {v.inForce ? <Label tone="good">{t('assessment.in-force')}</Label> : null}
          <span className="quiet">{t('assessment.valid-from', { month: v.validFrom })}</span>
        </>
      }
    >
      <div className="stack">
        <p>{say(v.note)}</p>
        <Facts>
          <Fact label={t('assessment.formula-reason')} wide>
            {v.reason ? say(v.reason) : t('assessment.no-reason')}
          </Fact>
          <Fact label={t('assessment.units-rule')}>{v.units === 'town' ? t('assessment.units-town') : v.units}</Fact>
          <Fact label={t('assessment.settings')}>
            {t('assessment.close-rule', { n: v.close })}
            <br />
            {t('assessment.objection-rule', { n: v.objections })}
            <br />
            {t('assessment.least-rule', { n: v.leastWeight })}
          </Fact>
          <Fact label={v.file}>
            <Hash value={v.hash} />
            <span className="small quiet"> {t('assessment.recorded', { at: instant(v.recordedAt) })}</span>
          </Fact>
        </Facts>
        <details className="fold" open={v.inForce}>
          <summary>
            {t('assessment.indicator')} · {v.indicators.length}
          </summary>
          <Indicators version={v} />
        </details>
        {v.differences.length ? (
          <details className="fold">
            <summary>{t('assessment.differences')}</summary>
            <Differences version={v} />
          </details>
        ) : (
          <p className="small quiet">{t('assessment.first-version')}</p>
        )}
      </div>
    </Panel>
  );
}

function Indicators({ version: v }: { version: Version }) {
  const { t, say } = useSpeech();
  return (
    <DataTable
      caption={`${say(v.title)} ${v.edition}`}
      rows={v.indicators}
      rowKey={(i) => i.id}
      columns={[
        {
          key: 'title',
          title: t('assessment.indicator'),
          head: true,
          render: (i) => (
            <>
              {say(i.title)}
              <p className="small quiet">{say(i.text)}</p>
              <details className="fold small">
                <summary>{t('assessment.sql')}</summary>
                {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard (WCAG 2.1.1). */}
                <pre className="assessment-sql" tabIndex={0}>
                  {i.sql.trim()}
                </pre>
              </details>
            </>
          ),
        },
        {
          key: 'weight',
          title: t('assessment.weight'),
          align: 'end',
          tight: true,
          render: (i) => <strong className="num">{i.weight}</strong>,
        },
        {
          key: 'targets',
          title: t('assessment.measured'),
          render: (i) => (
            <>
              <span className="num">
                {t('assessment.targets', { full: measured(i, i.full), zero: measured(i, i.zero) })}
              </span>
              <p className="small quiet">
                {t(`assessment.measure.${i.measure}`)} · {t(`assessment.direction.${i.direction}`)} ·{' '}
                {t(`assessment.without.${i.without}`)}
              </p>
            </>
          ),
        },
        { key: 'ground', title: t('assessment.ground'), render: (i) => <span className="small">{say(i.ground)}</span> },
      ]}
    />
  );
}

function Differences({ version: v }: { version: Version }) {
  const { t } = useSpeech();
  return (
    <ul className="stack-s">
      {v.differences.map((d) => (
        <li key={`${d.kind} ${d.what}`} className="note">
          <p className="strong">
            <Label tone={d.kind === 'added' ? 'good' : d.kind === 'removed' ? 'bad' : 'info'}>
              {t(`assessment.difference.${d.kind}`)}
            </Label>{' '}
            {d.what}
          </p>
          {d.keys.map((k) => (
            <p key={k.key} className="small">
              <span className="quiet">{k.key}</span> {k.before ?? '—'} → {k.after ?? '—'}
            </p>
          ))}
        </li>
      ))}
    </ul>
  );
}
