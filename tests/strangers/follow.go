// SPDX-License-Identifier: GPL-2.0-or-later

// Lists pens and follows a session with Debian's Varlink library for Go and the
// bindings that its generator makes of the interface file:
//
//	follow-go SOCKET
//
// Prints what it sees, a line each; ends when a session has ended.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/varlink/go/varlink"
	"iomnpenpen"
)

func fail(what string, err error) {
	fmt.Println("error", what, err)
	os.Exit(1)
}

func list(ctx context.Context, address string) {
	c, err := varlink.NewConnection(ctx, address)
	if err != nil {
		fail("connect", err)
	}
	defer c.Close()
	var vendor, product string
	if err = c.GetInfo(ctx, &vendor, &product, nil, nil, nil); err != nil {
		fail("GetInfo", err)
	}
	fmt.Println("info", vendor, product)
	pens, err := iomnpenpen.ListPens().Call(ctx, c)
	if err != nil {
		fail("ListPens", err)
	}
	for _, pen := range pens {
		fmt.Println("pen", pen.PenId, pen.Model, pen.State)
	}
	none := "no-such-pen"
	_, err = iomnpenpen.Stop().Call(ctx, c, &none)
	if gone, ok := err.(*iomnpenpen.NoSuchPen); !ok || gone.PenId != none {
		fail("Stop of a pen that is not there", err)
	}
	fmt.Println("refused NoSuchPen")
}

func main() {
	ctx := context.Background()
	address := "unix:" + os.Args[1]
	list(ctx, address)
	c, err := varlink.NewConnection(ctx, address)
	if err != nil {
		fail("connect", err)
	}
	receive, err := iomnpenpen.Monitor().Send(ctx, c, varlink.More, nil)
	if err != nil {
		fail("Monitor", err)
	}
	samples := 0
	for {
		pens, _, telemetry, event, _, sequence, dropped, flags, err := receive(ctx)
		if err != nil {
			fail("Monitor", err)
		}
		if flags&varlink.Continues == 0 {
			fail("Monitor ended", nil)
		}
		if telemetry != nil {
			if dropped == nil {
				fail("telemetry without a count", nil)
			}
			if telemetry.Motor {
				samples++
			}
		} else if event != nil {
			fmt.Println("event", event.Kind, event.State, event.Reason)
			if event.Kind == "sessionEnded" {
				break
			}
		} else if pens != nil && len(*pens) > 0 {
			pen := (*pens)[0]
			if pen.Session != nil {
				fmt.Println("session", pen.State, pen.Session.Area,
					pen.Session.DepthMicrometres, len(pen.Session.Limits))
			} else {
				fmt.Println("snapshot", pen.State, sequence >= 0)
			}
		}
	}
	fmt.Println("samples", samples)
}
