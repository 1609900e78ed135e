// A process that runs a loop in the first-level cache, for as many turns as a message says.
const numbers = new Float64Array(1024).fill(1.0001)

function turn(): number {
  let sum = 0
  for (let i = 0; i < 10_240; i++) sum += numbers[i & 1023]! * numbers[(i * 7) & 1023]!
  return sum
}

process.on('message', (turns: number) => {
  let sum = 0
  for (let i = 0; i < turns; i++) sum += turn()
  process.send!(sum)
})
