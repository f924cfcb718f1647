import { useQuery } from '@tanstack/react-query';
import { api, type Bilingual } from '../api/client.ts';
import { useSpeech } from '../i18n/index.ts';

/** The city that this hub serves, beside the product's name; nothing when the hub does not say. */
export function CityName() {
  const { say } = useSpeech();
  const options = useQuery({
    queryKey: ['sign-in'],
    queryFn: ({ signal }) => api.get('/api/v1/sign-in', { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const city = (options.data as { city?: Bilingual | null } | undefined)?.city;
  return city ? <span className="brand-city">{say(city)}</span> : null;
}
