/** What the checks found, in the four respects: at a glance which respect holds, then each check with what it looked at. */
import {
  CheckCircleOutlined,
  CloseCircleOutlined,
  ExclamationCircleOutlined,
  InfoCircleOutlined,
  MinusCircleOutlined,
} from '@ant-design/icons';
import { Select } from 'antd';
import { useState } from 'react';
import { Label, Panel } from '../../components/page.tsx';
import { instant } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import type { Archive } from './marks.tsx';

type Examination = Archive['examinations'][number];
type Outcome = Examination['items'][number];
const respects = ['authenticity', 'integrity', 'usability', 'security'] as const;
const dress = {
  passed: { tone: 'good', icon: <CheckCircleOutlined aria-hidden="true" /> },
  failed: { tone: 'bad', icon: <CloseCircleOutlined aria-hidden="true" /> },
  warned: { tone: 'warn', icon: <ExclamationCircleOutlined aria-hidden="true" /> },
  noted: { tone: 'info', icon: <InfoCircleOutlined aria-hidden="true" /> },
  skipped: { tone: undefined, icon: <MinusCircleOutlined aria-hidden="true" /> },
} as const;
const outcomeTones = { passed: 'good', warned: 'warn', failed: 'bad' } as const;

function ResultMark({ result }: { result: Outcome['result'] }) {
  const { t } = useSpeech();
  const { tone, icon } = dress[result];
  return (
    <Label tone={tone}>
      {icon} {t(`archives.result.${result}`)}
    </Label>
  );
}

/** The worst of what came of a respect's checks. */
const worst = (items: readonly Outcome[]): Outcome['result'] =>
  (['failed', 'warned', 'noted', 'passed'] as const).find((r) => items.some((i) => i.result === r)) ?? 'skipped';

export function Checks({ archive }: { archive: Archive }) {
  const { t } = useSpeech();
  const [chosen, setChosen] = useState<number | null>(null);
  const all = archive.examinations;
  const one = all.find((e) => e.id === chosen) ?? all[0]!;
  const names = new Map(archive.fileList.map((f) => [f.no, f.name]));
  return (
    <Panel
      title={t('archives.checks')}
      id="checks"
      extra={
        all.length > 1 ? (
          <Select
            size="small"
            aria-label={t('archives.which-examination')}
            value={one.id}
            popupMatchSelectWidth={false}
            style={{ maxWidth: '100%' }}
            onChange={setChosen}
            options={all.map((e) => ({
              value: e.id,
              label: `${t(`archives.phase.${e.phase}`)} · ${instant(e.at)} · ${t(`archives.outcome.${e.outcome}`)}`,
            }))}
          />
        ) : null
      }
    >
      <div className="stack-s">
        <p className="small">
          <Label tone={outcomeTones[one.outcome]}>{t(`archives.outcome.${one.outcome}`)}</Label>{' '}
          <span className="quiet">
            {t(`archives.phase.${one.phase}`)} · {instant(one.at)}
          </span>
        </p>
        <div className="respects">
          {respects.map((respect) => (
            <Respect
              key={respect}
              respect={respect}
              items={one.items.filter((i) => i.respect === respect)}
              names={names}
            />
          ))}
        </div>
      </div>
    </Panel>
  );
}

function Respect({
  respect,
  items,
  names,
}: {
  respect: string;
  items: readonly Outcome[];
  names: ReadonlyMap<number, string>;
}) {
  const { t, say } = useSpeech();
  return (
    <section className="respect">
      <h3 className="row spread">
        <span>{t(`archives.respect.${respect}`)}</span>
        <ResultMark result={worst(items)} />
      </h3>
      <ul>
        {items.map((item) => (
          <li key={item.code} className={`check ${item.result}`}>
            <div className="row spread" style={{ alignItems: 'baseline' }}>
              <span>
                <code className="quiet">{item.code}</code> {say(item.title)}
              </span>
              <ResultMark result={item.result} />
            </div>
            <p className="small quiet">{say(item.evidence)}</p>
            {item.faults.map((fault) => (
              <p key={`${fault.file}-${fault.sentence.en}`} className="small check-fault">
                {fault.file === null ? '' : `${names.get(fault.file) ?? fault.file}：`}
                {say(fault.sentence)}
              </p>
            ))}
            {item.ground ? <p className="small">{t('archives.ground-was', { ground: item.ground })}</p> : null}
          </li>
        ))}
      </ul>
    </section>
  );
}
