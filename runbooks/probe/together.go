package probe

import "sync"

// together runs functions at the same time and waits for them. A panic in one of
// them is raised again in the caller, whose recover then sees it.
func together(fns ...func()) {
	var wg sync.WaitGroup
	panics := make(chan any, len(fns))
	for _, fn := range fns {
		wg.Go(func() {
			defer func() {
				if r := recover(); r != nil {
					panics <- r
				}
			}()
			fn()
		})
	}
	wg.Wait()
	select {
	case r := <-panics:
		panic(r)
	default:
	}
}
