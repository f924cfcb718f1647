/** Small things that several pages of forms show. */
import { Label } from '../../../components/page.tsx';
import { useSpeech } from '../../../i18n/index.ts';
import type { FormState, RecordState } from './types.ts';

export const stateTones: Record<RecordState, 'good' | 'warn' | 'bad' | 'info' | 'primary' | undefined> = {
  draft: undefined,
  submitted: 'info',
  checked: 'primary',
  accepted: 'good',
  returned: 'warn',
  withdrawn: undefined,
};

export function RecordLabel({ state }: { state: RecordState }) {
  const { t } = useSpeech();
  return <Label tone={stateTones[state]}>{t(`forms.state.${state}`)}</Label>;
}

const formTones: Record<FormState, 'good' | 'warn' | undefined> = {
  draft: 'warn',
  published: 'good',
  retired: undefined,
};

export function FormLabel({ state }: { state: FormState }) {
  const { t } = useSpeech();
  return <Label tone={formTones[state]}>{t(`forms.form-state.${state}`)}</Label>;
}
