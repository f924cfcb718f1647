/** The form as a whole: its name, its rules, the way of its records, what its list shows, and what kind of source it becomes. */
import { DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { Button, Input, Select } from 'antd';
import { useSpeech } from '../../../i18n/index.ts';
import { useWords } from '../fill/context.tsx';
import { type Design, hasValue, namesOf, type Rule } from '../shared/pure.ts';
import { ConditionEditor } from './condition.tsx';
import { freeName } from './editing.ts';
import { CheckLine, Line, NumberLine, SelectLine, WordsInput } from './inputs.tsx';

export function Settings({ design, change }: { design: Design; change: (next: Design, of?: string) => void }) {
  const { t } = useSpeech();
  const words = useWords();
  const fields = design.fields.filter(hasValue);
  const set = (part: Partial<Design>, of?: string) =>
    change(Object.fromEntries(Object.entries({ ...design, ...part }).filter(([, v]) => v !== undefined)) as Design, of);
  const { flow, source } = design;
  const setFlow = (part: Partial<typeof flow>) => set({ flow: { ...flow, ...part } });
  const setSource = (part: Partial<typeof source>, of?: string) => set({ source: { ...source, ...part } }, of);
  return (
    <div className="stack-s">
      <WordsInput
        label={t('forms.list.title')}
        value={design.title}
        set={(title) => set({ title: title ?? { zh: '' } }, 'form/title')}
      />
      <WordsInput
        long
        label={t('forms.design.abstract')}
        value={design.abstract}
        set={(abstract) => set({ abstract }, 'form/abstract')}
      />
      <SelectLine
        label={t('forms.design.caption')}
        value={design.caption ?? ''}
        hint={t('forms.design.caption-hint')}
        options={[
          { value: '', label: t('forms.design.caption-first') },
          ...fields.map((f) => ({ value: f.name, label: words(f.title) })),
        ]}
        set={(caption) => set({ caption: caption || undefined })}
      />
      <Line label={t('forms.design.listed')}>
        {(id) => (
          <Select
            id={id}
            mode="multiple"
            maxCount={12}
            aria-label={t('forms.design.listed')}
            value={design.listed}
            options={fields.map((f) => ({ value: f.name, label: words(f.title) }))}
            onChange={(listed: string[]) => set({ listed })}
          />
        )}
      </Line>
      <h3 className="prop-label">{t('forms.design.rules')}</h3>
      {design.rules.map((rule, n) => (
        <RuleCard
          key={rule.id}
          rule={rule}
          design={design}
          change={(next) => set({ rules: design.rules.map((one, at) => (at === n ? next : one)) }, `rule/${rule.id}`)}
          remove={() => set({ rules: design.rules.filter((_, at) => at !== n) })}
        />
      ))}
      <div>
        <Button
          size="small"
          icon={<PlusOutlined />}
          onClick={() => {
            const first = fields[0];
            if (!first) return;
            const id = freeName(
              'rule',
              design.rules.map((r) => r.id),
            );
            set({
              rules: [
                ...design.rules,
                {
                  id,
                  expression: `not blank(${first.name})`,
                  message: { zh: t('forms.design.rule-message') },
                  fields: [first.name],
                },
              ],
            });
          }}
        >
          {t('forms.design.add-rule')}
        </Button>
      </div>
      <h3 className="prop-label">{t('forms.design.flow')}</h3>
      <CheckLine
        label={t('forms.design.flow-check')}
        value={flow.check !== null}
        set={(on) => setFlow({ check: on ? { days: 2 } : null })}
      />
      {flow.check ? (
        <NumberLine
          label={t('forms.design.days')}
          value={flow.check.days ?? undefined}
          min={1}
          max={60}
          set={(days) => setFlow({ check: { days: days ?? null } })}
        />
      ) : null}
      <CheckLine
        label={t('forms.design.flow-accept')}
        value={flow.accept !== null}
        set={(on) => setFlow({ accept: on ? { days: 5 } : null })}
      />
      {flow.accept ? (
        <NumberLine
          label={t('forms.design.days')}
          value={flow.accept.days ?? undefined}
          min={1}
          max={60}
          set={(days) => setFlow({ accept: { days: days ?? null } })}
        />
      ) : null}
      <NumberLine
        label={t('forms.design.mend-days')}
        value={flow.mendDays ?? undefined}
        min={1}
        max={60}
        set={(mendDays) => setFlow({ mendDays: mendDays ?? null })}
      />
      <CheckLine label={t('forms.design.four-eyes')} value={flow.fourEyes} set={(fourEyes) => setFlow({ fourEyes })} />
      <h3 className="prop-label">{t('forms.design.source')}</h3>
      <CheckLine
        label={t('forms.design.source-enabled')}
        value={source.enabled}
        set={(enabled) => setSource({ enabled })}
      />
      {source.enabled ? (
        <>
          <SelectLine
            label={t('forms.design.subject')}
            value={source.subject}
            options={(['legal-person', 'natural-person', 'place', 'none'] as const).map((value) => ({
              value,
              label: t(`terms.subject.${value}`),
            }))}
            set={(subject) => setSource({ subject })}
          />
          <SelectLine
            label={t('forms.design.cadence')}
            value={source.cadence}
            options={(['realtime', 'daily', 'weekly', 'half-monthly', 'monthly', 'quarterly', 'yearly'] as const).map(
              (value) => ({ value, label: t(`terms.cadence.${value}`) }),
            )}
            set={(cadence) => setSource({ cadence })}
          />
          <SelectLine
            label={t('forms.design.sharing')}
            value={source.sharing.type}
            options={(['unconditional', 'conditional', 'refused'] as const).map((value) => ({
              value,
              label: t(`terms.sharing.${value}`),
            }))}
            set={(type) => setSource({ sharing: { ...source.sharing, type } })}
          />
          {source.sharing.type === 'conditional' ? (
            <Line label={t('forms.design.sharing-condition')}>
              {(id) => (
                <Input
                  id={id}
                  maxLength={500}
                  value={source.sharing.condition ?? ''}
                  onChange={(e) =>
                    setSource({ sharing: { ...source.sharing, condition: e.target.value } }, 'source/condition')
                  }
                />
              )}
            </Line>
          ) : null}
          {source.sharing.type === 'refused' ? (
            <Line label={t('forms.design.sharing-ground')}>
              {(id) => (
                <Input
                  id={id}
                  maxLength={500}
                  value={source.sharing.ground ?? ''}
                  onChange={(e) =>
                    setSource({ sharing: { ...source.sharing, ground: e.target.value } }, 'source/ground')
                  }
                />
              )}
            </Line>
          ) : null}
        </>
      ) : null}
    </div>
  );
}

function RuleCard({
  rule,
  design,
  change,
  remove,
}: {
  rule: Rule;
  design: Design;
  change: (rule: Rule) => void;
  remove: () => void;
}) {
  const { t } = useSpeech();
  const words = useWords();
  const fields = design.fields.filter(hasValue);
  return (
    <div className="column-card stack-s">
      <ConditionEditor
        label={t('forms.design.rule-true')}
        value={rule.expression}
        fields={fields}
        names={namesOf(design)}
        change={(expression) => change({ ...rule, expression })}
      />
      <WordsInput
        label={t('forms.design.rule-else')}
        value={rule.message}
        set={(message) => change({ ...rule, message: message ?? { zh: '' } })}
      />
      <Line label={t('forms.design.rule-at')}>
        {(id) => (
          <Select
            id={id}
            mode="multiple"
            maxCount={10}
            aria-label={t('forms.design.rule-at')}
            value={rule.fields}
            options={fields.map((f) => ({ value: f.name, label: words(f.title) }))}
            onChange={(at: string[]) => change({ ...rule, fields: at })}
          />
        )}
      </Line>
      <div>
        <Button size="small" danger type="text" icon={<DeleteOutlined />} onClick={remove}>
          {t('forms.design.remove-rule')}
        </Button>
      </div>
    </div>
  );
}
