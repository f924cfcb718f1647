/** What a rule would have done in the past. */
import type { Answer } from '../../api/client.ts';
import { Chart } from '../../components/chart.tsx';
import { DataTable } from '../../components/table.tsx';
import { Instant } from '../../components/value.tsx';
import { full } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { figure, LevelMark } from './shared.tsx';

export type Trial = Answer<'/api/v1/alerts/rules/try', 'post'>;

export function Tried({ trial }: { trial: Trial }) {
  const { t, say } = useSpeech();
  return (
    <div className="stack-s">
      <p className="strong">
        {t('alerts.rule.tried', { ...trial, alerts: full(trial.alerts), readings: full(trial.readings) })}
      </p>
      <div className="row" style={{ flexWrap: 'wrap' }}>
        {trial.byLevel
          .filter((l) => l.level > 0)
          .map((l) => (
            <span key={l.level}>
              <LevelMark level={l.level} /> <span className="num">{full(l.alerts)}</span>
            </span>
          ))}
      </div>
      {trial.folded ? <p>{t('alerts.rule.folded', { n: trial.burst })}</p> : null}
      {trial.late + trial.implausible > 0 ? (
        <p className="small quiet">
          {t('alerts.rule.left-out', { late: full(trial.late), implausible: full(trial.implausible) })}
        </p>
      ) : null}
      {trial.byDay.length ? (
        <Chart
          label={t('alerts.rule.by-day')}
          height={180}
          option={{
            xAxis: { type: 'category', data: trial.byDay.map((d) => d.day.slice(5)) },
            yAxis: { type: 'value', minInterval: 1 },
            series: [
              { type: 'bar', name: t('titles.alerts'), data: trial.byDay.map((d) => d.alerts), barMaxWidth: 28 },
            ],
          }}
        />
      ) : null}
      {trial.named.length ? (
        <DataTable
          caption={t('alerts.rule.would')}
          rows={trial.named.slice(0, 50)}
          rowKey={(n, i) => `${n.entity}${n.from}${i}`}
          columns={[
            { key: 'label', title: t('alerts.entity'), head: true, render: (n) => say(n.label) },
            { key: 'peak', title: t('alerts.level-name'), tight: true, render: (n) => <LevelMark level={n.peak} /> },
            {
              key: 'value',
              title: t('alerts.measure'),
              align: 'end',
              render: (n) => (n.value === null ? '—' : figure(n.value)),
            },
            {
              key: 'from',
              title: t('alerts.since'),
              tight: true,
              render: (n) => <Instant at={new Date(n.from).toISOString()} />,
            },
            {
              key: 'until',
              title: t('alerts.until'),
              tight: true,
              render: (n) => <Instant at={n.until === null ? null : new Date(n.until).toISOString()} />,
            },
          ]}
        />
      ) : null}
    </div>
  );
}
