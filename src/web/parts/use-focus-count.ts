import { useEffect, useState } from 'preact/hooks'

/** How often the person came back to the window: what is shown may have changed meanwhile. */
export function useFocusCount(): number {
  const [count, setCount] = useState(0)
  useEffect(() => {
    const back = () => setCount((now) => now + 1)
    addEventListener('focus', back)
    return () => removeEventListener('focus', back)
  }, [])
  return count
}
